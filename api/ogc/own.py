"""Names of what features tell beside the columns of the product: no file that is imported has them."""

from data.columns import Column

DATA_VERSION = Column("data_version", "version of the data, with its digest")
BASIS = Column("basis", "what a sum over the firms may be called: statistical, register or listed_sample")
BASIS_ZH = Column("basis_zh", "the basis in words, Chinese")
BASIS_EN = Column("basis_en", "the basis in words, English")
NOTICE_ZH = Column(
    "notice_zh", "what must stand beside the data, Chinese: whether they are made up, a sketch, approval"
)
NOTICE_EN = Column(
    "notice_en", "what must stand beside the data, English: whether they are made up, a sketch, approval"
)
RELEASE_ZH = Column("release_zh", "for whom figures were taken out, Chinese; empty when none were")
RELEASE_EN = Column("release_en", "for whom figures were taken out, English; empty when none were")
LABEL_OF_ZH = Column("derived_zh", "what a derived figure must be called, Chinese")
LABEL_OF_EN = Column("derived_en", "what a derived figure must be called, English")
PLAN = Column("plan", "plan whose subsectors these are, with the digest of its file")
SUBSECTOR_NAME_ZH = Column("subsector_name", "name of the subsector, Chinese")
SUBSECTOR_NAME_EN = Column("subsector_name_en", "name of the subsector, English")
DISTRICT_NAME_ZH = Column("district_name", "name of the district, Chinese")
DISTRICT_NAME_EN = Column("district_name_en", "name of the district, English")
