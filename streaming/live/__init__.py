"""The features as a micro-batch changes them: the models' SQL, over what the batch touches, on sums carried over."""
