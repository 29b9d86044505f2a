"""Every column name of the product, once, with its unit and meaning.

A ``Column`` is a ``str``, so it indexes a table as it is. Money is integer CNY, areas are m², shares run from 0 to 1,
codes are text. Places are WGS84 degrees.
"""


class Column(str):
    """A column name that knows its unit and its meaning."""

    __slots__ = ("meaning", "unit")
    unit: str
    meaning: str

    def __new__(cls, name: str, meaning: str, unit: str = "") -> "Column":
        """Make the column ``name``; ``unit`` stays empty for text and codes."""
        column = super().__new__(cls, name)
        column.meaning, column.unit = meaning, unit
        return column


# firms
FIRM_ID = Column("firm_id", "unified social credit code or stock code")
NAME = Column("name", "registered name")
SHORT_NAME = Column("short_name", "name on the exchange")
LISTED = Column("listed", "exchange that lists the firm")
ADDRESS = Column("address", "address as published")
SUBSECTOR_ID = Column("subsector_id", "subsector of the plan, by main business")
SUBSECTOR_BASIS = Column("subsector_basis", "how the subsector was decided")
LON = Column("lon", "longitude, WGS84", "degree")
LAT = Column("lat", "latitude, WGS84", "degree")
DATUM = Column("datum", "coordinate system that a row states for its place")
LOCATION_PRECISION = Column("location_precision", "exact, park, street, district or none")
PLACE_ID = Column("place_id", "the park, street or district that lends its point")
PLACE_EVIDENCE = Column("place_evidence", "what in the row decided the place")
PLACE_CONFLICT = Column("place_conflict", "places that the row names and that disagree")
REGISTERED_DISTRICT_ID = Column("registered_district_id", "district of the registered place; empty when unknown")
DISTRICT_BY_POINT = Column(
    "district_by_point", "true where the registered district is that of the polygon around the point"
)
OPERATING_DISTRICT_ID = Column("operating_district_id", "district of the office; 'outside' beyond the city, else empty")
OFFICE_NOTE = Column("office_note", "what the source says about the office")
CONFIDENTIALITY = Column("confidentiality", "public_record or statistical")
HOLDING_ID = Column("holding_id", "firm or group that holds the firm; empty when it stands alone")
NOTES = Column("notes", "remarks of the source")
SOURCE = Column("source", "where the row comes from")

INDUSTRY_CODE = Column("industry_code", "GB/T 4754 code of the main business, as text")
BUSINESS_SCOPE = Column("business_scope", "business scope as registered (经营范围)")
SUBSECTOR_WEIGHTS = Column(
    "subsector_weights", "parts of the firm in several subsectors, S02:0.6;S05:0.4, sum 1; empty when all is in one"
)
SPREAD = Column("spread", "subsectors of firms with parts in several, the main one first; empty when all is in one")
SYNTHETIC = Column("synthetic", "true on every row of a made-up register")

# observations
YEAR = Column("year", "calendar year", "year")
REVENUE_CNY = Column("revenue_cny", "operating revenue", "CNY")
VALUE_ADDED_CNY = Column("value_added_cny", "value added", "CNY")
EMPLOYEES = Column("employees", "persons employed at the end of the year", "persons")
FIRM_NUMBER = Column("firm_number", "row number of the firm in the file of firms, beside it in a version")
SCOPE = Column("scope", "statistical scope (口径)")
STATUS = Column("status", "sourced, secondary, unverified or memory")
REVENUE_STATUS = Column("revenue_status", "status of the revenue, beside a firm")
REVENUE_SOURCE = Column("revenue_source", "source of the revenue, beside a firm")

# places
DISTRICT_ID = Column("district_id", "adcode, or our own id where none exists")
ADCODE = Column("adcode", "GB/T 2260 code; empty for functional zones")
NAME_EN = Column("name_en", "English name")
LABEL_ZH = Column("label_zh", "short Chinese name for maps and tables")
LABEL_EN = Column("label_en", "short English name for maps and tables")
KIND = Column(
    "kind",
    "行政区 or 功能区; for hubs metro, rail, border, port or airport; for cells hot, cold, not_significant, not_tested",
)
PARENT_ADCODE = Column("parent_adcode", "adcode of the legal parent")
OFFICIAL_AREA_M2 = Column("official_area_m2", "published land area, the denominator of densities", "m²")
AREA_SOURCE = Column("area_source", "source of the published area")
AREA_STATUS = Column("area_status", "status of the published area")
LABEL_LON = Column("label_lon", "longitude of the label point", "degree")
LABEL_LAT = Column("label_lat", "latitude of the label point", "degree")
PARK_ID = Column("park_id", "row number of the park in its file")
PARK_IDS = Column("park_ids", "parks whose point lies within 500 m, as a list")
OPERATOR = Column("operator", "firm that runs the park")
AREA_TEXT = Column("area_text", "area as published; years and kinds differ, never add them")
AREA_M2 = Column("area_m2", "land area of the park", "m²")
FLOOR_AREA_M2 = Column("floor_area_m2", "floor area of the park", "m²")
VACANT_M2 = Column("vacant_m2", "floor area that is to let", "m²")
RENT_CNY_M2_MONTH = Column("rent_cny_m2_month", "rent asked", "CNY a m² and month")
CONTACT = Column("contact", "whom to ask about the park")
PARK = Column("park", "name of the park that a firm's row names")
FOCUS = Column("focus", "focus sectors as published")
PRECISION = Column("precision", "precision of the point, in words")
DISTRICT_TEXT = Column("district_text", "district as written in the file")
DISTRICT_BASIS = Column("district_basis", "where the district comes from")
STREET_ID = Column("street_id", "row number of the street in its file")
HUB_ID = Column("hub_id", "row number of the hub in its file")

# indicators
INDICATOR = Column("indicator", "name of the statistical figure")
AREA_ID = Column("area_id", "city, district or country; empty when the row names several")
AREA_NAME = Column("area_name", "area as written in the file")
PERIOD = Column("period", "year or quarter as written")
VALUE = Column("value", "the figure; missing when the text is not a plain number")
VALUE_TEXT = Column("value_text", "the figure as written, with its sign")
UNIT = Column("unit", "unit as written")
NOTE = Column("note", "remarks of the source")

# results
TOTAL_CNY = Column("total_cny", "sum of revenue", "CNY")
FIRMS = Column("firms", "firms with an observation", "firms")
PLACE = Column("place", "where revenue counts: registered or operating")
TOP_FIRM_ID = Column("top_firm_id", "firm with the largest revenue")
TOP1_CNY = Column("top1_cny", "revenue of the largest firm", "CNY")
TOP1_SHARE = Column("top1_share", "share of the largest firm in the total", "0–1")
TIER = Column("tier", "scale tier of the total")
SOURCED_FIRMS = Column("sourced_firms", "firms whose revenue was read at its source", "firms")
SOURCED_CNY = Column("sourced_cny", "revenue that was read at its source", "CNY")
ELSEWHERE_CNY = Column("elsewhere_cny", "revenue of firms whose office is known to lie in another district", "CNY")
GAP_CNY = Column("gap_to_next_cny", "distance to the next tier's threshold", "CNY")
CITY_SHARE = Column("city_share", "share of the district in the city's cluster", "0–1")
RANK = Column("rank", "place among the districts that have the cluster, largest first")
WITHHELD = Column("withheld", "true where the figure holds a part that this reader may not see")
HIDDEN = Column("hidden", "true where firms count whose figures this reader may see only as part of a released sum")
RESIDUAL = Column("residual", "margin that a sum of withheld cells completes: subsector, district or city; else empty")
RANKED = Column("ranked", "number of districts that have the cluster")
KNOWN_FIRMS = Column("known_firms", "firms of the cluster in the data, with or without an observation", "firms")
PLACED_FIRMS = Column("placed_firms", "known firms with a point", "firms")
FIRM_ROW = Column("firm_row", "row number of the firm among the leading firms")
BASE_YEAR = Column("base_year", "year that growth starts from", "year")
MATCHED_FIRMS = Column("matched_firms", "firms observed in both years", "firms")
BASE_CNY = Column("base_cny", "matched firms' revenue in the base year", "CNY")
MATCHED_CNY = Column("matched_cny", "matched firms' revenue in the year", "CNY")
PATH_CNY = Column("path_cny", "base grown at the plan's rate", "CNY")
LABEL = Column("label", "what a derived figure must be called")
CELL_ID = Column("cell_id", "easting and northing of the cell's south-west corner, metres")
WEIGHTED_FIRMS = Column("weighted_firms", "firms, each by its part in the subsector", "firms")
Z = Column("z", "standard deviations from what chance would give")
P = Column("p", "probability of so large a z, either way, by chance", "0–1")
P_ADJUSTED = Column("p_adjusted", "p adjusted for the false discovery rate over the units tested", "0–1")
TESTED = Column("tested", "whether the unit was tested: it has a neighbor and a z")
GROWTH = Column("growth", "compound growth a year of the matched firms", "share a year")
GROWTH_LOW = Column("growth_low", "lower end of the interval of growth; missing below five firms", "share a year")
GROWTH_HIGH = Column("growth_high", "upper end of the interval of growth; missing below five firms", "share a year")
DRAWS = Column("draws", "random draws that a figure rests on; 0 where none were made", "draws")

# panels: firms observed in every one of several years
LAST_YEAR = Column("last_year", "last year of the panel", "year")
PANEL_FIRMS = Column("panel_firms", "firms observed in every year of the panel", "firms")
PANEL_CNY = Column("panel_cny", "revenue of the panel's firms in the year", "CNY")

# scenarios and gaps
LOWER_QUARTILE_CNY = Column("lower_quartile_cny", "revenue that a quarter of the firms stay below", "CNY")
MEDIAN_CNY = Column("median_cny", "revenue of the firm in the middle", "CNY")
UPPER_QUARTILE_CNY = Column("upper_quartile_cny", "revenue that a quarter of the firms exceed", "CNY")
BASELINE_CNY = Column("baseline_cny", "total as observed", "CNY")
SCENARIO_CNY = Column("scenario_cny", "total once the scenario's changes are made", "CNY")
CHANGE_CNY = Column("change_cny", "scenario minus baseline", "CNY")
SCENARIO_TIER = Column("scenario_tier", "scale tier of the scenario's total")
SCENARIO_GAP_CNY = Column("scenario_gap_cny", "distance of the scenario's total to the next tier's threshold", "CNY")
TARGET_ID = Column("target_id", "target of the plan")
NESTING = Column("nesting", "disjoint where a cluster counts in its own tier only, nested where in the lower ones too")
GOAL = Column("goal", "figure that the target asks for")
BASELINE = Column("baseline", "clusters over the target's threshold as observed")
SCENARIO = Column("scenario", "clusters over it once the changes are made")
WITHOUT_CNY = Column("without_cny", "total without this firm and all larger ones", "CNY")
LEFT_SHARE = Column("left_share", "share of the total that is left without them", "0–1")

# districts side by side
DISTRICT_A = Column("district_a", "district of a pair, the lower id")
DISTRICT_B = Column("district_b", "district of a pair, the higher id")
SIMILARITY = Column("similarity", "how alike the two are, by the index that is named")
EXPECTED = Column("expected", "mean of the index where chance alone deals firms out")
FIRMS_A = Column("firms_a", "firms of the first district", "firms")
FIRMS_B = Column("firms_b", "firms of the second district", "firms")
SIZE_RATIO = Column("size_ratio", "total of the smaller over that of the larger", "0–1")
NEARNESS = Column("nearness", "similarity times size ratio", "0–1")
STRUCTURE_RANK = Column("structure_rank", "place among the districts by similarity, most alike first")
SIZE_RANK = Column("size_rank", "place among the districts by size ratio, nearest in size first")
PEER_REASON = Column("peer_reason", "what brings the peer near: structure, size or both")
CNY_PER_KM2 = Column("cny_per_km2", "total over the official area", "CNY a km²")
FIRMS_PER_KM2 = Column("firms_per_km2", "firms over the official area", "firms a km²")
CNY_PER_FIRM = Column("cny_per_firm", "total over the firms with an observation", "CNY a firm")
MIX_OF_FIRMS = Column("mix_of_firms", "similarity of the mixes of firms, one minus half of Krugman's index", "0–1")
MIX_OF_REVENUE = Column("mix_of_revenue", "the same of the mixes of revenue", "0–1")
COMMON_SUBSECTOR = Column("common_subsector", "subsector that adds most to the leaning of both districts of a pair")
VERDICT = Column("verdict", "what the test of a pair allows to say: duplicates, chance or few")
SUBSECTORS = Column("subsectors", "subsectors with a firm")
CLUSTERS_1E11 = Column("clusters_1e11", "subsectors whose part in the district lies in the tier 千亿级")
CLUSTERS_1E10 = Column("clusters_1e10", "subsectors whose part in the district lies in the tier 百亿级")
PARKS = Column("parks", "parks that the register of parks puts there")

# shift-share, in the unit of what is decomposed
CHANGE = Column("change", "change of the region's industry")
NATIONAL_EFFECT = Column("national_effect", "change had the industry grown as the whole base")
INDUSTRIAL_MIX = Column("industrial_mix", "more or less because the industry grew unlike the whole base")
REGIONAL_EFFECT = Column("regional_effect", "more or less because the region's industry grew unlike the base's")
COMPETITIVE_EFFECT = Column("competitive_effect", "regional share had the region the base's mix of industries")
ALLOCATION_EFFECT = Column("allocation_effect", "regional share from being specialized where the region grows faster")
UNSPLIT = Column("unsplit", "true where the region began with nothing, so that its regional share is not split")

# required paths
IS_DEFAULT = Column("is_default", "true for the default reading")
INTERVALS = Column("intervals", "years between the base and the year in which the goal is due", "years")
ANNUAL_RATE = Column("annual_rate", "growth a year that the plan states", "share a year")
IMPLIED_BASE_CNY = Column("implied_base_cny", "goal discounted to the base year at the stated growth", "CNY")
REQUIRED_GROWTH = Column("required_growth", "growth a year from the observed base to the goal", "share a year")
LINEAR_PACE_CNY = Column("linear_pace_cny", "equal amount of each year from the observed base to the goal", "CNY")
ACTUAL_CNY = Column("actual_cny", "observed figure of the same scope", "CNY")
AHEAD_CNY = Column("ahead_cny", "actual minus path; negative is behind", "CNY")
AHEAD_OF_PATH = Column("ahead_of_path", "actual minus path, over the path; negative behind it")

# projections
MEDIAN = Column("median", "value that half of the drawn paths exceed, in the unit of the series")
LOW = Column("low", "lower end of the band, in the unit of the series")
HIGH = Column("high", "upper end of the band, in the unit of the series")
CROSSED = Column("crossed", "share of the drawn paths that reached the target by the year", "0–1")
CROSSED_ERROR = Column("crossed_error", "Monte Carlo standard error of the share", "0–1")
ORIGIN_YEAR = Column("origin_year", "last year that a back-test let the projection see", "year")
STEP = Column("step", "years ahead of the last year seen", "years")
ACTUAL = Column("actual", "what came in a year held back, in the unit of the series")
INSIDE = Column("inside", "whether what came lay in the band; counts where cases are summed")
CASES = Column("cases", "years held back, over all series and origins")
COVERAGE = Column("coverage", "share of the cases inside the band", "0–1")
COVERAGE_LOW = Column("coverage_low", "lower end of the coverage's Clopper–Pearson interval", "0–1")
COVERAGE_HIGH = Column("coverage_high", "upper end of the coverage's Clopper–Pearson interval", "0–1")

# disclosure control
CONTRIBUTORS = Column("contributors", "contributors of the cell with an amount that is not zero", "contributors")
UNSAFE = Column("unsafe", "true where releasing the cell would give a contributor away")
RULE = Column("rule", "the rule that the cell fails: count, p_percent or dominance; empty when it is safe")
PROTECTION_CNY = Column("protection_cny", "how far from the truth the cell's bounds must stay on each side", "CNY")
REASON = Column("reason", "primary where the cell itself is unsafe, secondary where it hides another; else empty")
LOWER_CNY = Column("lower_cny", "an intruder cannot exclude that the cell is as small as this", "CNY")
UPPER_CNY = Column("upper_cny", "an intruder cannot exclude that the cell is as large as this", "CNY")
EXPOSED_TO = Column("exposed_to", "who can work the cell out: everybody, contributor or line; empty when nobody can")
# specialization and concentration
LOCATION_QUOTIENT = Column("location_quotient", "share of an industry in a region over its share in the base")
WITHOUT_LARGEST = Column("quotient_without_largest", "location quotient once the cell's largest firm has left the city")
LOWER_LIMIT = Column("lower_limit", "lower limit of an interval")
UPPER_LIMIT = Column("upper_limit", "upper limit of an interval")
COUNT = Column("count", "units counted in the cell, such as firms or persons")
REGION_COUNT = Column("region_count", "units counted in the region, all industries")
REGION_FIRMS = Column("region_firms", "firms of the region, all industries", "firms")
QUOTIENT_RANK = Column("quotient_rank", "place among the regions by location quotient, largest first")
REGIONS_RANKED = Column("regions_ranked", "regions with a location quotient in the industry")
QUOTIENT_NEEDED = Column("quotient_needed", "location quotient where the top regions of the industry begin")
ESTABLISHMENTS = Column("establishments", "workplaces counted in the cell")
STRONG = Column("strong", "whether every part of a strength rule holds; missing where the quotient is not defined")
SIZE_STAR = Column("size_star", "whether the region is among the largest in the industry")
SPECIALIZATION_STAR = Column("specialization_star", "whether the location quotient is high enough")
FOCUS_STAR = Column("focus_star", "whether the industry's share in the region is among the highest")
FINDING = Column("finding", "what the interval of a quotient allows to say: above, below, open or few")
QUADRANT = Column(
    "quadrant", "presence and specialization: pillar, niche, bulk or minor; empty where not known or not sure"
)
STARS = Column("stars", "stars of the region in the industry, 0 to 3")
OCCUPIED_REGIONS = Column("occupied_regions", "regions where the industry is present")
HERFINDAHL_INDEX = Column("herfindahl_index", "sum of squared shares, fractions")
RAW_CONCENTRATION = Column("raw_concentration", "squared distance of an industry's regional shares from all activity's")
ELLISON_GLAESER_INDEX = Column("ellison_glaeser_index", "geographic concentration beyond that of chance and firm size")
MAUREL_SEDILLOT_INDEX = Column("maurel_sedillot_index", "excess probability that two firms share a region")
MEMBERS = Column("members", "units in the group")
GROUP_SHARE = Column("group_share", "share of the group in the total", "0–1")
THEIL_INDEX = Column("theil_index", "inequality among the members of a group")

# choice of a site
SCORE = Column("score", "weighted sum of utilities over the criteria with a value", "0–1")
LOW_SCORE = Column("low_score", "score if everything missing were as bad as can be", "0–1")
HIGH_SCORE = Column("high_score", "score if everything missing were as good as can be", "0–1")
WEIGHT_COVERAGE = Column("weight_coverage", "part of the weight that a site has values for", "0–1")
SCORE_RANK = Column("score_rank", "place among the sites by score, largest first; ties to the first in the table")
BEST_RANK = Column("best_rank", "best place that missing values leave open")
WORST_RANK = Column("worst_rank", "worst place that missing values leave open")
CLOSENESS = Column("closeness", "closeness to the ideal site (TOPSIS)", "0–1")
CLOSENESS_RANK = Column("closeness_rank", "place among the sites by closeness, largest first")
FIRST_SHARE = Column("first_share", "share of drawn weights under which a site is first", "0–1")
LOW_RANK = Column("low_rank", "place that few drawn weights better")
HIGH_RANK = Column("high_rank", "place that few drawn weights worsen")
REVERSALS = Column("reversals", "pairs of others whose order turns round when a site is taken away", "pairs")
FIRST = Column("first", "which of the others is first when a site is taken away")
WITHIN_M = Column("within_m", "how near a firm counts as a neighbor", "m")
DISTANCE_M = Column("distance_m", "straight line to a site", "m")
REVENUE_FIRMS = Column("revenue_firms", "firms whose revenue of the year is known", "firms")
POINTS = Column("points", "firms of the chain with a point that is exact or a park's", "firms")
STRAIGHT_LINE = Column("straight_line", "true where a distance is no way along roads")
MATCHED_WORDS = Column("matched_words", "words of the subsector in the stated focus, as a list")
SQUARES = Column("squares", "squares of the district with a score", "squares")
BEST_SQUARES = Column("best_squares", "squares of the district in the city's best tenth", "squares")
RULED_OUT = Column("ruled_out", "whether a condition or a constraint keeps firms out of the cell")


def of_year(measure: Column, year: int) -> str:
    """Name of the column that holds a figure of one year beside the firm.

    Examples
    --------
    >>> of_year(REVENUE_CNY, 2019), of_year(EMPLOYEES, 2019)
    ('revenue_2019_cny', 'employees_2019')
    """
    stem = measure.removesuffix("_cny")
    return f"{stem}_{year}{measure[len(stem) :]}"


OUTSIDE = "outside"
UNPLACED = "unplaced"
TOTAL = "total"
NOT_RELEASED = "withheld"
"""Stands for the district, or the subsector, of the sum of cells that are withheld one by one."""

DECLARED: dict[str, Column] = {str(c): c for c in list(globals().values()) if isinstance(c, Column)}
