import csv
import io
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.readers import Limits
from data.readers.delimited import find_separator
from data.readers.raw_table import BadRow, FileKind, RawTable

Read = Callable[..., RawTable]
Make = Callable[..., Path]

TABLE = "企业名称,区,营收\n甲公司,南山区,1.5\n乙公司,福田区,2\n"


def columns(raw: RawTable) -> list[list[str | None]]:
    return [column.to_pylist() for column in raw.cells.columns]


def test_cells_rows_and_facts_of_a_plain_table(read_here: Read, make: Make) -> None:
    raw = read_here(make(TABLE))
    assert raw.file_kind is FileKind.CSV
    assert raw.headings == ("企业名称", "区", "营收")
    assert columns(raw) == [["甲公司", "乙公司"], ["南山区", "福田区"], ["1.5", "2"]]
    assert raw.cells.column_names == ["0", "1", "2"]
    assert set(raw.cells.schema.types) == {pa.large_string()}
    assert raw.rows.tolist() == [2, 3]
    assert raw.facts == {"encoding": "utf-8", "encoding_by": "strict", "separator": ",", "heading_rows": "1"}
    assert (raw.geometry, raw.crs, raw.bad_rows) == (None, None, ())


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_end_gives_the_same_table(
    read_here: Read, make: Make, codec: str, separator: str, line_end: str
) -> None:
    text = TABLE.replace(",", separator).replace("\n", line_end)
    raw = read_here(make(text.encode(codec)))
    assert raw.headings == ("企业名称", "区", "营收")
    assert columns(raw)[0] == ["甲公司", "乙公司"]
    assert raw.facts["separator"] == separator
    assert raw.rows.tolist() == [2, 3]


def test_big5_is_read_when_a_person_says_so(read_here: Read, make: Make) -> None:
    raw = read_here(make("名稱,區\n香港電訊,中西區\n".encode("big5")), encoding="big5")
    assert columns(raw) == [["香港電訊"], ["中西區"]]
    assert (raw.facts["encoding"], raw.facts["encoding_by"]) == ("big5", "told")


def test_decimal_commas_do_not_outdo_semicolons() -> None:
    assert find_separator(["name;revenue;tax\n", "A;1,5;2,5\n", "B;2,5;3,5\n"]) == ";"


def test_commas_of_addresses_do_not_outdo_tabs() -> None:
    assert find_separator(["name\taddress\n", "A\t3, Road, Shenzhen\n", "B\t4, Road, Shenzhen\n"]) == "\t"


def test_a_column_of_names_alone_has_no_separator(read_here: Read, make: Make) -> None:
    raw = read_here(make("企业名称\n甲公司\n\n乙公司\n"))
    assert columns(raw) == [["甲公司", "乙公司"]]
    assert raw.rows.tolist() == [2, 4]
    assert raw.facts["separator"] == ""


def test_the_line_by_which_excel_is_told_the_separator_is_no_row(read_here: Read, make: Make) -> None:
    raw = read_here(make("sep=;\r\n企业;区\r\n甲;南山,科技园\r\n"))
    assert raw.headings == ("企业", "区")
    assert raw.rows.tolist() == [3]


def test_a_person_may_name_the_separator(read_here: Read, make: Make) -> None:
    raw = read_here(make("企业|区\n甲|南山\n"), separator="|")
    assert columns(raw) == [["甲"], ["南山"]]


def test_quoted_line_ends_and_separators_stay_in_their_cell(read_here: Read, make: Make) -> None:
    raw = read_here(make('企业,地址\n甲,"科技园,\n三栋"\n"乙 ""新"" 公司",福田\n'))
    assert columns(raw) == [["甲", '乙 "新" 公司'], ["科技园,\n三栋", "福田"]]
    assert raw.rows.tolist() == [2, 3], "a row of two lines is one row of a spreadsheet"


def test_blank_rows_are_counted_and_left_out(read_here: Read, make: Make) -> None:
    raw = read_here(make("\n企业,区\n\n甲,南山\n,\n  ,\u3000\n乙,福田\n"))
    assert columns(raw) == [["甲", "乙"], ["南山", "福田"]]
    assert raw.rows.tolist() == [4, 7]


def test_surrounding_blanks_go_and_blank_cells_are_null(read_here: Read, make: Make) -> None:
    raw = read_here(make("企业,区\n 甲\u3000, \n"))
    assert columns(raw) == [["甲"], [None]]


def test_firms_called_na_null_and_nan_stay_firms(read_here: Read, make: Make) -> None:
    names = ["NA", "NULL", "nan", "None", "N/A", "-", "inf", "TRUE"]
    raw = read_here(make("名称,代码\n" + "".join(f"{name},00{i}\n" for i, name in enumerate(names))))
    assert columns(raw) == [names, [f"00{i}" for i in range(len(names))]]


def test_digits_are_never_lost(read_here: Read, make: Make) -> None:
    cells = ["000004", "914403001922038216", "9.14403E+17", "１２３", "1,234", "113°55′12″"]
    raw = read_here(make("名称;值\n" + "".join(f"甲;{cell}\n" for cell in cells)))
    assert columns(raw)[1] == cells


def test_a_table_without_headings_has_blank_ones(read_here: Read, make: Make) -> None:
    raw = read_here(make("1,114.1,22.5\n2,114.2,22.6\n"))
    assert raw.headings == ("", "", "")
    assert raw.facts["heading_rows"] == "0"
    assert raw.rows.tolist() == [1, 2]


def test_a_title_is_skipped_and_told(read_here: Read, make: Make) -> None:
    raw = read_here(make("2022年企业名录\n单位：万元,,\n企业,区,营收\n甲,南山,3\n"))
    assert raw.headings == ("企业", "区", "营收")
    assert raw.facts["title"] == "2022年企业名录\n单位：万元"
    assert raw.rows.tolist() == [4]


def test_rows_of_another_width_are_set_aside_and_the_others_kept(read_here: Read, make: Make) -> None:
    raw = read_here(make("企业,区,营收\n甲,南山,1\n乙,福田\n丙,罗湖,3,多\n丁,盐田,4,,\n戊;龙岗;5\n己,龙华,6\n"))
    assert columns(raw)[0] == ["甲", "丁", "己"]
    assert raw.rows.tolist() == [2, 5, 7]
    assert raw.bad_rows == (
        BadRow(3, "too_few_cells", ("乙", "福田")),
        BadRow(4, "too_many_cells", ("丙", "罗湖", "3", "多")),
        BadRow(6, "too_few_cells", ("戊;龙岗;5",)),
    )


def test_a_stray_quote_costs_its_row_alone(read_here: Read, make: Make) -> None:
    raw = read_here(make('企业,区\n甲,"福\n田"\n"华为"技术,龙岗\n乙,南山\n'))
    assert columns(raw)[0] == ["甲", "乙"]
    assert raw.rows.tolist() == [2, 4]
    assert raw.bad_rows == (BadRow(3, "stray_quote", ('"华为"技术', "龙岗")),)


@pytest.mark.parametrize("rest", ["", "乙,福田\n" * 3, '乙,"福田"\n', '"乙",福田\n', "乙,福田\n" * 400_000], ids=len)
def test_a_quote_that_is_never_closed_is_named_by_its_row(
    reason: Callable[..., str], read_here: Read, make: Make, rest: str
) -> None:
    assert reason(make('企业,区\n甲,"一\n二"\n乙,"南山\n' + rest)) == "unclosed_quote"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\n\n  \n", "empty"),
        ("\ufeff".encode(), "empty"),
        ("企业,区\n".encode(), "no_rows"),
        ("企业,区\n,\n\n".encode(), "no_rows"),
        ("企业,区,营收\n甲,南山\n乙,福田\n".encode(), "only_bad_rows"),
        (b"\x00\x01\x02\x03", "binary"),
        (("a,b\n" * 30_000).encode() + b"\0", "binary"),
        (b"<html><body><table><tr><td>x", "html"),
        ("\ufeff<!DOCTYPE html><html>".encode("utf-16-le"), "html"),
    ],
)
def test_what_is_no_table_is_refused(reason: Callable[..., str], make: Make, content: bytes, why: str) -> None:
    assert reason(make(content)) == why


def test_wrong_options_are_refused_by_name(reason: Callable[..., str], make: Make) -> None:
    assert reason(make(TABLE), encoding="klingon") == "unknown_encoding"
    assert reason(make(TABLE.encode("gbk")), encoding="utf-8") == "wrong_encoding"
    assert reason(make(TABLE), separator="::") == "unknown_separator"


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(rows=1), "too_many_rows"),
        (Limits(columns=2), "too_many_columns"),
        (Limits(cells=5), "too_many_cells"),
        (Limits(cell_chars=3), "cell_too_long"),
    ],
)
def test_each_limit_has_its_reason(reason: Callable[..., str], make: Make, limits: Limits, why: str) -> None:
    assert reason(make(TABLE), limits) == why


def test_too_many_bad_rows_are_refused(reason: Callable[..., str], make: Make) -> None:
    assert reason(make(TABLE + "丙\n丁\n戊\n"), Limits(bad_rows=2)) == "too_many_bad_rows"


def test_a_table_of_many_batches_is_whole(read_here: Read, make: Make) -> None:
    count = 40_000
    raw = read_here(make("n,t\n" + "".join(f"{i},x{i}\n" + "\n" * (i % 7 == 0) for i in range(count))))
    assert raw.cells["0"].to_pylist() == [str(i) for i in range(count)]
    assert raw.rows[-1] == 1 + count + (count - 1) // 7 + (1 if (count - 1) % 7 else 0)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff", exclude_categories=["Cs"]), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
def test_what_a_writer_quotes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], separator: str
) -> None:
    from data.readers.answer import Answer, take_answer
    from data.readers.delimited import read_delimited
    from data.readers.raw_table import ReadOptions
    from data.readers.refusing import Refusal

    folder = tmp_path_factory.mktemp("round")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([("企业", "地址"), *rows])
    (folder / "upload").write_text(text.getvalue(), "utf-8", newline="")
    answer = Answer(folder, Limits())
    described = read_delimited(
        folder / "upload", ReadOptions(separator=separator, heading_rows=1, encoding="utf-8"), Limits(), answer
    )
    kept = [(i, row) for i, row in enumerate(rows, 2) if any(map(str.strip, row))]
    if not kept:
        with pytest.raises(Refusal):
            answer.finish(FileKind.CSV, described)
        return
    answer.finish(FileKind.CSV, described)
    raw = take_answer(folder)
    assert raw.rows.tolist() == [i for i, _ in kept]
    for position in (0, 1):
        assert [cell or "" for cell in raw.cells[str(position)].to_pylist()] == [
            row[position].strip() for _, row in kept
        ]
