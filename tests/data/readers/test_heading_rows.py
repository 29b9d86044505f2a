import pytest

from data.readers.heading_rows import Heads, find_heads

ROWS = [["甲公司", "南山区", "114.1", "22.5"], ["乙公司", "福田区", "114.0", "22.6"]]


def test_the_first_row_of_a_plain_table_is_its_heading() -> None:
    heads = find_heads([["企业", "区", "经度", "纬度"], *ROWS])
    assert heads == Heads(first=0, count=1, headings=("企业", "区", "经度", "纬度"))


def test_titles_above_a_table_are_skipped_and_kept_apart() -> None:
    top = [["2022年企业名录", "", "", ""], ["", "", "", ""], ["单位：万元", "", "", ""], ["企业", "区", "经度", "纬度"]]
    heads = find_heads([*top, *ROWS])
    assert (heads.first, heads.count, heads.titles) == (3, 1, ("2022年企业名录", "单位：万元"))


def test_a_title_of_two_texts_over_a_wide_table_is_a_title() -> None:
    top = [["填报单位：统计局", "", "", "2022年12月", "", ""], ["企业", "区", "经度", "纬度", "营收", "从业"]]
    assert find_heads([*top, ["甲", "南山", "114.1", "22.5", "3", "4"]]).first == 1


def test_a_title_merged_over_all_columns_is_a_title() -> None:
    rows = [["2022年企业名录", ""], ["企业", "营收"], ["甲", "1.5"]]
    assert find_heads(rows, [(0, 0, 0, 1)]).first == 1


def test_merged_headings_of_two_rows_are_joined() -> None:
    rows = [["企业", "位置", "", "营收", ""], ["", "经度", "纬度", "2021", "2022"], ["甲", "114.1", "22.5", "3", "4"]]
    merges = [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4)]
    heads = find_heads(rows, merges)
    assert (heads.count, heads.headings) == (2, ("企业", "位置 经度", "位置 纬度", "营收 2021", "营收 2022"))


def test_merged_headings_of_three_rows_are_joined() -> None:
    rows = [["企业", "营收", "", ""], ["", "2021", "2022", ""], ["", "全年", "上半年", "下半年"], ["甲", "1", "2", "3"]]
    heads = find_heads(rows, [(0, 0, 2, 0), (0, 1, 0, 3), (1, 2, 1, 3)])
    assert (heads.count, heads.headings) == (3, ("企业", "营收 2021 全年", "营收 2022 上半年", "营收 2022 下半年"))


def test_second_heading_row_of_a_text_fills_the_blanks_of_the_first() -> None:
    heads = find_heads([["企业", "位置", ""], ["", "经度", "纬度"], ["甲", "114.1", "22.5"]])
    assert (heads.count, heads.headings) == (2, ("企业", "位置 经度", "位置 纬度"))


def test_a_column_without_a_name_does_not_make_its_first_row_a_heading() -> None:
    heads = find_heads([["", "企业", "区"], ["0", "甲", "南山"], ["1", "乙", "福田"]])
    assert (heads.count, heads.headings) == (1, ("", "企业", "区"))


def test_a_row_of_units_belongs_to_the_headings() -> None:
    heads = find_heads([["企业", "营收", "面积"], ["", "万元", "平方米"], ["甲", "3", "4"], ["乙", "5", "6"]])
    assert (heads.count, heads.headings) == (2, ("企业", "营收 万元", "面积 平方米"))


@pytest.mark.parametrize(
    "row",
    [
        ["1", "2.5", "114.1"],
        ["2019", "2020", "2021"],
        ["甲公司", "91440300708461136T", "南山区"],
        ["甲公司", "114.05", "22.5"],
    ],
)
def test_a_row_of_figures_or_a_credit_code_is_no_heading(row: list[str]) -> None:
    heads = find_heads([row, row])
    assert (heads.first, heads.count, heads.headings) == (0, 0, ("",) * len(row))


def test_years_are_headings_beside_words() -> None:
    assert find_heads([["企业", "2020", "2021"], ["甲", "1", "2"]]).count == 1


def test_a_person_decides_how_many_rows_are_headings() -> None:
    rows = [["a", "b"], ["c", "d"], ["1", "2"]]
    assert find_heads(rows, told=0).headings == ("", "")
    assert find_heads(rows, told=2).headings == ("a c", "b d")


def test_the_same_heading_may_stand_twice() -> None:
    assert find_heads([["企业", "营收", "营收"], ["甲", "1", "2"]]).headings == ("企业", "营收", "营收")


def test_rows_that_are_wider_than_their_headings_get_columns_without_a_name() -> None:
    assert find_heads([["企业", "区"], ["甲", "南山", "1"], ["乙", "福田", "2"]]).headings == ("企业", "区", "")


def test_nothing_has_no_headings() -> None:
    assert find_heads([]) == Heads(0, 0, ())
