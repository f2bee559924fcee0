"""The report of the features' health is of all tables of features."""

import re

from paths import ROOT


def test_every_table_of_features_is_profiled():
    report = (ROOT / "models" / "reports" / "rpt_feature_profiles_daily.sql").read_text()
    tables = {path.stem for path in (ROOT / "models" / "features").glob("feat_*.sql")}
    assert len(tables) >= 6
    assert set(re.findall(r"'(feat_\w+)': ref\('\1'\)", report)) == tables
