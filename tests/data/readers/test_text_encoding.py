from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.readers.refusing import Refusal
from data.readers.text_encoding import CODECS, detect_encoding, known_encoding, likely_two_byte

SIMPLIFIED = "企业名称,地址\n深圳市腾讯计算机系统有限公司,深圳市南山区高新科技园科技中一路腾讯大厦三十五层\n"
TRADITIONAL = "企業名稱,地址\n香港電訊有限公司,香港鰂魚涌英皇道九百七十九號太古坊電訊盈科中心三十九樓\n"


def encoding_of(tmp_path: Path, content: bytes, told: str | None = None) -> tuple[str, str]:
    path = tmp_path / "text"
    path.write_bytes(content)
    return detect_encoding(path, told)


@pytest.mark.parametrize(
    ("codec", "found"),
    [
        ("utf-8", ("utf-8", "strict")),
        ("utf-8-sig", ("utf-8", "mark")),
        ("utf-16", ("utf-16", "mark")),
        ("gb18030", ("gb18030", "strict")),
        ("gbk", ("gb18030", "strict")),
    ],
)
def test_every_encoding_of_simplified_text_is_told_apart(tmp_path: Path, codec: str, found: tuple[str, str]) -> None:
    assert encoding_of(tmp_path, SIMPLIFIED.encode(codec)) == found


def test_utf16_of_either_order_is_known_by_its_mark(tmp_path: Path) -> None:
    assert encoding_of(tmp_path, b"\xfe\xff" + SIMPLIFIED.encode("utf-16-be")) == ("utf-16", "mark")
    assert encoding_of(tmp_path, b"\xff\xfe" + SIMPLIFIED.encode("utf-16-le")) == ("utf-16", "mark")


def test_big5_is_valid_gb18030_and_still_told_from_it_by_likeness(tmp_path: Path) -> None:
    text = "香港特別行政區有限公司中環皇后大道中國際金融中心商業大廈\n" * 3
    text.encode("big5").decode("gb18030")  # no error: only the likeness of its characters says that it is none
    assert encoding_of(tmp_path, text.encode("big5")) == ("big5", "likeness")


def test_traditional_characters_in_gbk_stay_gb18030(tmp_path: Path) -> None:
    assert encoding_of(tmp_path, TRADITIONAL.encode("gb18030"))[0] == "gb18030"


def test_few_characters_are_no_ground_for_likeness() -> None:
    assert likely_two_byte("香港".encode("big5")) == "gb18030"


def test_big5_that_a_person_names_is_read_as_big5(tmp_path: Path) -> None:
    assert encoding_of(tmp_path, TRADITIONAL.encode("big5hkscs"), "BIG5") == ("big5", "told")


@given(st.text(st.characters(codec="gb2312", min_codepoint=0x4E00), min_size=20, max_size=200))
def test_simplified_text_is_never_taken_for_big5(text: str) -> None:
    assert likely_two_byte(text.encode("gb2312")) == "gb18030"


def test_one_broken_byte_in_utf8_is_named_by_its_line_and_not_read_as_nonsense(tmp_path: Path) -> None:
    lines = [SIMPLIFIED.encode()] * 50
    lines[20] = lines[20].replace("讯".encode(), b"\xe8\xae")
    with pytest.raises(Refusal) as refused:
        encoding_of(tmp_path, b"".join(lines))
    assert (refused.value.reason, refused.value.values) == ("damaged_text", {"row": 42})


def test_a_character_across_two_pieces_of_the_file_is_no_fault(tmp_path: Path) -> None:
    content = ("a" * ((1 << 20) - 1) + "深圳").encode()
    assert encoding_of(tmp_path, content) == ("utf-8", "strict")


@pytest.mark.parametrize(
    ("content", "told", "reason"),
    [
        (SIMPLIFIED.encode("gbk"), "utf-8", "wrong_encoding"),
        (SIMPLIFIED.encode(), "ebcdic", "unknown_encoding"),
        (b"\xff\xfe" + "深".encode("utf-16-le") + b"\x00", None, "wrong_encoding"),
        (b"abc\x80\xff\xff", None, "undecodable"),
        (b"abc\0def", None, "binary"),
    ],
)
def test_what_fits_no_encoding_is_refused(tmp_path: Path, content: bytes, told: str | None, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        encoding_of(tmp_path, content, told)
    assert refused.value.reason == reason


def test_each_encoding_is_known_by_its_usual_names() -> None:
    assert [known_encoding(name) for name in ("UTF8", "GBK", "gb2312", "cp936", "Big5-HKSCS")] == [
        "utf-8",
        "gb18030",
        "gb18030",
        "gb18030",
        "big5",
    ]
    assert {known_encoding(name) for name in CODECS} == set(CODECS)
