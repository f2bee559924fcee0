"""What machine learning takes from the warehouse: training sets, and room for the online store."""
