"""Runs without a report: the tables alone, whose place is told; a report can be added later."""

from tests.support.command import fundsim


def test_a_run_without_a_report_writes_its_tables_and_tells_their_folder_and_takes_a_report_later(tmp_path):
    asked = tmp_path / "small.yaml"
    asked.write_text("regions: [linyi]\nschemes: [urbmi]\nhorizon: 1\ndraws: 2\npeople: 300\n", encoding="utf-8")
    said = fundsim("run", asked, "--no-report", "--out", tmp_path / "results", "--threads", 1)
    folder = next(path.parent for path in (tmp_path / "results").rglob("manifest.json"))
    assert said.code == 0 and folder.name in said.out and "report.html  (" not in said.out
    assert (folder / "summary.csv").exists()
    assert not (folder / "report.html").exists() and not (folder / "figures").exists()
    later = fundsim("report", folder)
    assert later.code == 0 and (folder / "report.html").exists()
