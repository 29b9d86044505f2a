"""Columns of a document's tables: how a workbook writes their figures.

On paper money stands in the reader's unit, which the heading names; a workbook holds whole CNY and its heading says so.
"""

from views.document import Column
from views.words import Words

COUNT, SHARE, RATIO = "#,##0", "0.0%", "0.00"
_CNY = {"zh": "元", "en": "CNY"}


def money_column(title: str, t: Words) -> Column:
    """Column of money.

    Examples
    --------
    >>> from views.words import words
    >>> money_column("合计（亿元）", words("zh"))
    Column(title='合计（亿元）', align='right', number_format='#,##0" 元"', sheet_title='合计（元）')
    """
    cny = _CNY[t.language]
    return Column(title, "right", f'{COUNT}" {cny}"', title.replace(t.money_unit, cny))
