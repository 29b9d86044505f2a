"""Which place does a Chinese address name: a park, a street (街道) or a district, by a gazetteer of our own.

The modelling choice is a table of places and the longest name of it that the address writes. Off-the-shelf parsers
misread the newer districts of Shenzhen and carry 深汕特别合作区 to a city in Gansu whose name is 合作市; a table that
holds only the places we know cannot. The answer is always one of the table's own coordinates with its precision, the
evidence for it and whatever contradicts it: nothing is geocoded, nothing is spread around a point.

What this leaves out: house numbers and roads (a firm on a long road gets its street or its district), towns without a
row of their own, another city written without 市 (海口龙华区 reads as 龙华区), and addresses in traditional characters
or Latin letters.

The rules, where they are arguable:

- A park's *name* stands alone, unless the address writes another district. A park's *alias* counts only when its own
  district is written, or declared while none is written: 天安数码城 exists in several districts and several cities.
  An alias ending in 新区 or 合作区 is as good as a name: there is one 前海深港合作区.
- A street counts in full (粤海街道), also after the district that it belonged to before (宝安区观澜街道): the
  disagreement is reported. Its bare name counts only directly after the full name of its own district, and directly
  before a road of another name, a bracket or the end: 南山区西丽打石一路 is 西丽街道, but 福田区华强北路 is a road,
  福田区莲花一村 belongs to another street, 福田区沙头角 is another place, and 南山区南山智园 does not mean 南山街道.
- A district counts by a name that ends in 区. Its bare name (龙岗, 福田) counts only directly after the city, and
  directly before a street of its own or a road of another name: 深圳市宝安南路 lies in 罗湖区.
- A functional area (新区, 合作区) lies inside an ordinary district and is the finer word where both are written.
- An address that begins with another city names nothing here, unless it also names a functional area: 深汕特别合作区
  lies legally in 汕尾市, and 海口市龙华区 is not ours. The caller's own park and district still count, with a conflict.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from geo.errors import CoordinateError, GeoError

PlaceKind = Literal["park", "street", "district"]
Precision = Literal["park", "street", "district", "none"]
_T = TypeVar("_T")

#: Characters of an address that are read; a longer text is not an address, and the rest could only slow us down.
READ_CHARACTERS = 500

_ONE_SPELLING = str.maketrans(
    {
        **dict(zip("[]{}【】〔〕〖〗「」『』《》<>", "()" * 9, strict=True)),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(" ,、;|·・", ""),
    }
)
_NEW_AREA_THAT_BECAME_A_DISTRICT = re.compile("(光明|龙华|坪山)新区")
_FUNCTIONAL = ("新区", "合作区")
_BRACKETED = re.compile(r"\([^()]*\)")
_HAN = "[\u3400-\u9fff]"

# A bare name is followed by a road of another name ("西丽" + "打石一路"), by a bracket, or by nothing.
_GOES_ON_AS_A_NAME = (
    r"[东南西北中上下前后内外新老旧大小一二三四五六七八九十环横纵公高快速辅]*(?:路|道|街|巷|站|线)"
    r"|[东南西北中一二三四五六七八九十村镇山岭湖河海岛关角口港湾门坑围头尾仔岗坳桥城局]"
    r"|中心|人民|工业|广场|公园|火车|汽车|地铁|高速|快速|立交|隧道|码头|机场|新村|证券"
)
_STARTS_A_NEW_ELEMENT = re.compile(rf"(?!{_GOES_ON_AS_A_NAME})(?:$|\(|{_HAN}{{2,6}}?(?:路|道|街))")
_GOES_ON_AS_A_ROAD = re.compile(r"[东南西北中一二三四五六七八九十]?(?:路|大道|街|公交站|地铁站|站)")
_NAMES_ANOTHER_PART = re.compile(r"[东南西北]区")
_GOES_ON_AS_ANOTHER_WORD = re.compile(r"域|间|块链")
_BEGINS_WITH_A_CITY = re.compile(
    rf"(?:中国)?(?P<province>{_HAN}{{2,3}}省|{_HAN}{{2,8}}自治区)?(?:{_HAN}{{2,10}}州)?(?P<city>[^\W\d_区县路号街镇市省]{{2,6}}市)"
)
# 超市, 城市 and 市场 are no cities, but 盐城市亭湖区 is one.
_ENDS_LIKE_A_WORD = re.compile(r"[城超都书花菜门夜集]市$")
_GOES_ON_LIKE_A_WORD = re.compile(r"[场民政花府]")
_NAMES_A_COUNTY = re.compile(rf"{_HAN}{{1,2}}(?:区|县|镇|街道)")


@dataclass(frozen=True)
class Place:
    """One named place of a gazetteer.

    Parameters
    ----------
    place_id
        Identifier, unique in the gazetteer; for a district its district_id.
    name
        Full name: ``粤海街道``, ``南山区``, ``天安数码城(福田)``.
    kind
        ``park``, ``street`` (街道) or ``district``.
    lon, lat
        WGS84 degrees, or None for both when the place has no coordinate.
    district
        The district_id that the place lies in; None for a place that crosses districts.
    aliases
        Other names. How much an alias proves depends on the kind; the module's docstring gives the rules.

    Raises
    ------
    CoordinateError
        Only one of lon and lat is given, or one is not a coordinate (NaN included).

    Examples
    --------
    >>> Place("yuehai", "粤海街道", "street", 113.938, 22.533, district="440305").kind
    'street'
    """

    place_id: str
    name: str
    kind: PlaceKind
    lon: float | None = None
    lat: float | None = None
    district: str | None = None
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.lon is None) != (self.lat is None):
            raise CoordinateError(f"place {self.place_id!r} needs lon and lat or neither, came {self.lon}, {self.lat}")
        for value, limit in ((self.lon, 180.0), (self.lat, 90.0)):
            if value is not None and not (math.isfinite(value) and abs(value) <= limit):
                raise CoordinateError(f"place {self.place_id!r} has {value}, expected -{limit:g}..{limit:g} degrees")

    def __hash__(self) -> int:
        return hash(self.place_id)  # unique as it is; all fields together would take longer than reading the address


@dataclass(frozen=True)
class Placement:
    """Where an address was placed, and why.

    Attributes
    ----------
    lon, lat
        WGS84 degrees of the place that gave the coordinate, None when there is none. A street's or a district's
        coordinate stands for all of it.
    precision
        Kind of that place, or ``none``.
    place_id
        That place; None with precision ``none``.
    district
        The district_id of that place. Without one, the district that the address or the caller names.
    evidence
        What was recognized, most precise first: ``park:NAME``, ``street:NAME``, ``district:ID`` (written in the
        address), ``declared:ID`` (the caller's district), ``elsewhere:CITY``, ``ambiguous:NAME``.
    conflicts
        Statements that disagree, for a person to settle: ``declared 440305, address 440304``.
    """

    lon: float | None
    lat: float | None
    precision: Precision
    place_id: str | None
    district: str | None
    evidence: tuple[str, ...]
    conflicts: tuple[str, ...]


@dataclass(frozen=True)
class _Name:
    """One name under which a place can be found; ``alias`` tells a second name from the first."""

    text: str
    place: Place
    alias: bool


@dataclass(frozen=True)
class _Match:
    """The stretch of the address in which a name was read, with every place that bears the name."""

    start: int
    end: int
    names: tuple[_Name, ...]


class _NameIndex:
    """Names by their first two characters, so that reading an address does not grow with the gazetteer."""

    def __init__(self, names: Iterable[_Name]) -> None:
        grouped: dict[str, list[_Name]] = {}
        for name in names:
            grouped.setdefault(name.text, []).append(name)
        self._named = {text: tuple(group) for text, group in grouped.items()}
        self._by_first_two: dict[str, list[str]] = {}
        for text in sorted(self._named, key=lambda text: (-len(text), text)):
            self._by_first_two.setdefault(text[:2], []).append(text)
        firsts = "".join(sorted({re.escape(first_two[0]) for first_two in self._by_first_two}))
        self._may_begin = re.compile(f"[{firsts}]" if firsts else r"(?!)")  # few characters begin a name

    def called(self, text: str) -> tuple[_Name, ...]:
        """Names that are exactly this text."""
        return self._named.get(text, ())

    def longest_at(self, text: str, start: int) -> _Match | None:
        """The longest name that begins at this position."""
        for name in self._by_first_two.get(text[start : start + 2], ()):
            if text.startswith(name, start):
                return _Match(start, start + len(name), self._named[name])
        return None

    def matches(self, text: str) -> Iterator[_Match]:
        """Every longest name in the text, in order; a name inside a longer name is not one."""
        covered = 0
        for begin in self._may_begin.finditer(text):
            match = self.longest_at(text, begin.start())
            if match is not None and match.end > covered:
                covered = match.end
                yield match


class Gazetteer:
    """Places by name, and the reading of an address by them.

    Parameters
    ----------
    places
        All places; districts must be their own ``district``.
    city, province
        What an address of this city may begin with. An address that begins with another city names nothing here.

    Raises
    ------
    GeoError
        A place_id comes twice, a name has fewer than two characters, or a district is not its own ``district``.

    Examples
    --------
    >>> gazetteer = Gazetteer(
    ...     [
    ...         Place("440305", "南山区", "district", 113.93, 22.53, district="440305"),
    ...         Place("xili", "西丽街道", "street", 113.945, 22.608, district="440305"),
    ...         Place("zhiyuan", "南山智园", "park", 114.00084, 22.59643, district="440305"),
    ...     ]
    ... )
    >>> placed = gazetteer.place("深圳市南山区学苑大道1001号南山智园A1栋")
    >>> placed.precision, placed.lon, placed.evidence
    ('park', 114.00084, ('park:南山智园', 'district:440305'))
    >>> gazetteer.place("深圳市南山区西丽打石一路").place_id
    'xili'
    >>> gazetteer.place("深圳市南山区西丽路").precision
    'district'
    >>> gazetteer.place("海口市龙华区").evidence
    ('elsewhere:海口市',)
    """

    def __init__(self, places: Iterable[Place], *, city: str = "深圳市", province: str = "广东省") -> None:
        self.places = tuple(places)
        _check_places(self.places)
        self._districts = {place.place_id: place for place in self.places if place.kind == "district"}
        self._parks = _NameIndex(_names_of(self.places, "park"))
        self._streets = _NameIndex(_names_of(self.places, "street"))
        self._district_names = _NameIndex(_names_of(self.places, "district"))
        self._written_in_full = _NameIndex(n for n in _names_of(self.places, "district") if n.text.endswith("区"))
        self._bare_districts = _NameIndex(n for n in _names_of(self.places, "district") if not n.text.endswith("区"))
        self._bare_streets = {
            district: _NameIndex(_bare_street_names(self.places, place)) for district, place in self._districts.items()
        }
        province, city = (re.escape(normalize_address(text)) for text in (province, city))
        province, city = (text.removesuffix(end) + f"{end}?" for text, end in ((province, "省"), (city, "市")))
        self._after_the_city = re.compile(rf"(?:中国)?(?:{province})?{city}")

    def place(self, address: str, *, park: str | None = None, district: str | None = None) -> Placement:
        """Place an address at the most precise place that it, or its declared park, names.

        In this order, the first that has a coordinate: the declared park; a park in the address; a street in the
        address; a district in the address; the district of a park that has no coordinate; the declared district.

        Parameters
        ----------
        address
            As written; whitespace, width and brackets do not matter. May be blank.
        park
            Name or alias of a park, where a table has one in a column of its own. A text that is no such name
            (``深圳国家高新区/科技园 (unspecified part)``) is not a place.
        district
            district_id or name, with or without a bracket: ``440305``, ``南山区``, ``南山区(前海)``.

        Returns
        -------
        Placement
            Never a coordinate that is not the gazetteer's.
        """
        text = normalize_address(address)
        declared = self._district_called(district)
        elsewhere = self._other_city(text)
        if elsewhere is not None:
            text = ""

        districts = self._written_districts(text)
        street = self._written_street(text, districts)
        written = _once([*_districts_of(districts), *_districts_of([street])])
        confirmed = written or _districts_of([declared])
        parks, ambiguous = self._written_parks(text, written, confirmed)
        declared_park = self._park_called(park, confirmed)

        named = _once([*parks, street, *districts])
        candidates = _once([declared_park, *named, *(self._district_of(p) for p in (declared_park, *parks)), declared])
        evidence = _once([*_tokens([declared_park, *named]), *(f"ambiguous:{name}" for name in ambiguous)])
        if elsewhere is not None:
            evidence.append(f"elsewhere:{elsewhere}")
        if declared is not None:
            evidence.append(f"declared:{declared.place_id}")
        return _placement(candidates, evidence, _conflicts(declared_park, declared, named, elsewhere))

    def _district_called(self, text: str | None) -> Place | None:
        """The district that a declaration means; 前海 is an overlay, so a bracket is dropped: 南山区(前海)."""
        if text is None:
            return None
        if text.strip() in self._districts:
            return self._districts[text.strip()]
        plain = normalize_address(text)
        for form in (plain, _BRACKETED.sub("", plain)):
            named = {name.place for name in self._district_names.called(form)}
            named = named or {name.place for match in self._written_in_full.matches(form) for name in match.names}
            if len(named) == 1:
                return named.pop()
        return None

    def _district_of(self, place: Place | None) -> Place | None:
        return None if place is None or place.district is None else self._districts.get(place.district)

    def _other_city(self, text: str) -> str | None:
        """The other city that the address begins with, unless a functional area of ours is named."""
        begin = None if self._after_the_city.match(text) else _BEGINS_WITH_A_CITY.match(text)
        if begin is None:
            return None
        a_word = _ENDS_LIKE_A_WORD.search(begin["city"]) or _GOES_ON_LIKE_A_WORD.match(text, begin.end())
        if a_word and begin["province"] is None and not _NAMES_A_COUNTY.match(text, begin.end()):
            return None
        if any(_is_functional(name.place) for match in self._written_in_full.matches(text) for name in match.names):
            return None
        return begin["city"]

    def _written_districts(self, text: str) -> list[Place]:
        """Districts named in the address, the one it means first."""
        found = [
            match.names[0].place
            for match in self._written_in_full.matches(text)
            if not _GOES_ON_AS_ANOTHER_WORD.match(text, match.end)
        ]
        functional = [place for place in found if _is_functional(place)]
        return _once(functional or found) or self._bare_district(text)

    def _bare_district(self, text: str) -> list[Place]:
        """深圳南山粤海街道: the bare name directly after the city, before a street of its own or another road."""
        city = self._after_the_city.match(text)
        match = self._bare_districts.longest_at(text, city.end()) if city else None
        if match is None:
            return []
        place = match.names[0].place
        street = self._streets.longest_at(text, match.end)
        its_own = street is not None and place.place_id in _districts_of(n.place for n in street.names)
        return [place] if its_own or _STARTS_A_NEW_ELEMENT.match(text, match.end) else []

    def _written_street(self, text: str, districts: list[Place]) -> Place | None:
        """The street in full, in a written district if there is one; else the bare name after its district."""
        found = _once(name.place for match in self._streets.matches(text) for name in match.names)
        inside = [place for place in found if place.district in _districts_of(districts)]
        if inside or len(found) == 1:
            return (inside or found)[0]
        if found and not districts:
            return found[0]
        for match in self._written_in_full.matches(text):
            bare = self._bare_streets[match.names[0].place.place_id].longest_at(text, match.end)
            if bare is not None and _STARTS_A_NEW_ELEMENT.match(text, bare.end):
                return bare.names[0].place
        return None

    def _written_parks(self, text: str, written: list[str], confirmed: list[str]) -> tuple[list[Place], list[str]]:
        """Parks named in the address, the longest name first, and names that more than one park bears."""
        parks: list[Place] = []
        ambiguous: list[str] = []
        for match in _longest_first(self._parks.matches(text)):
            if _GOES_ON_AS_A_ROAD.match(text, match.end):
                continue
            other_part = _NAMES_ANOTHER_PART.match(text, match.end) is not None
            names = [name for name in match.names if not (name.alias and other_part)]
            fitting = _fitting(names, written, confirmed)
            if len(fitting) == 1:
                parks.append(fitting[0])
            elif len(names) > 1 and not confirmed:
                ambiguous.append(text[match.start : match.end])
        return _once(parks), ambiguous

    def _park_called(self, text: str | None, confirmed: list[str]) -> Place | None:
        """The declared park. Its full name is taken at its word; an alias needs its district, as in an address."""
        names = () if text is None else self._parks.called(normalize_address(text))
        exact = _once(name.place for name in names if not name.alias)
        fitting = exact if len(exact) == 1 else _fitting(names, confirmed, confirmed)
        return fitting[0] if len(fitting) == 1 else None


def normalize_address(text: str) -> str:
    """One spelling for the many of a Chinese address, for comparing and never for showing.

    NFKC (half and full width become one), lower case, no whitespace, control characters or separating commas, every
    bracket round, every dash plain; 光明新区, 龙华新区 and 坪山新区 by the names that they have had since becoming 区.
    Only the first 500 characters are kept.

    Parameters
    ----------
    text
        Anything.

    Returns
    -------
    str
        The normal form.

    Examples
    --------
    >>> normalize_address("深圳市 龙华新区，星河ＷＯＲＬＤ【A 座】")
    '深圳市龙华区星河world(a座)'
    """
    text = unicodedata.normalize("NFKC", text[:READ_CHARACTERS]).casefold()
    if not text.isprintable():
        text = "".join(char for char in text if char.isprintable())
    text = text.translate(_ONE_SPELLING)
    return _NEW_AREA_THAT_BECAME_A_DISTRICT.sub(r"\1区", text)[:READ_CHARACTERS]


def _check_places(places: Iterable[Place]) -> None:
    seen: set[str] = set()
    for place in places:
        if place.place_id in seen:
            raise GeoError(f"place_id {place.place_id!r} comes twice; expected one row to a place")
        seen.add(place.place_id)
        if any(len(normalize_address(name)) < 2 for name in (place.name, *place.aliases)):
            raise GeoError(f"place {place.place_id!r} has a name shorter than two characters: {place.name!r}")
        if place.kind == "district" and place.district != place.place_id:
            raise GeoError(f"district {place.place_id!r} lies in {place.district!r}; expected its own place_id")


def _names_of(places: Iterable[Place], kind: PlaceKind) -> Iterator[_Name]:
    """Every name once; what the rules ask of an alias is not asked of another spelling or of a functional area."""
    for place in places:
        if place.kind == kind:
            first = normalize_address(place.name)
            yield _Name(first, place, alias=False)
            for text in {normalize_address(alias) for alias in place.aliases} - {first}:
                yield _Name(text, place, alias=not text.endswith(_FUNCTIONAL))


def _bare_street_names(places: Iterable[Place], district: Place) -> Iterator[_Name]:
    """Streets of a district without 街道, except where that is also how the district is called in short."""
    short = {normalize_address(name).removesuffix("区") for name in (district.name, *district.aliases)}
    short |= {name.removesuffix("新") for name in short}
    for place in places:
        bare = normalize_address(place.name).removesuffix("街道")
        if place.kind == "street" and place.district == district.place_id and len(bare) > 1 and bare not in short:
            yield _Name(bare, place, alias=True)


def _fitting(names: Iterable[_Name], written: list[str], confirmed: list[str]) -> list[Place]:
    """Parks that the districts allow: a name must not be contradicted, an alias must be confirmed."""
    names = list(names)
    several = len({name.place.place_id for name in names}) > 1
    return _once(
        name.place
        for name in names
        if name.place.district in confirmed
        or (not name.alias and not several and (not written or name.place.district is None))
    )


def _placement(candidates: list[Place], evidence: list[str], conflicts: list[str]) -> Placement:
    """The first candidate with a coordinate, and the first district that any candidate from there on implies."""
    placed = next((place for place in candidates if place.lon is not None), None)
    rest = candidates if placed is None else candidates[candidates.index(placed) :]
    return Placement(
        lon=None if placed is None else placed.lon,
        lat=None if placed is None else placed.lat,
        precision="none" if placed is None else placed.kind,
        place_id=None if placed is None else placed.place_id,
        district=next((place.district for place in rest if place.district is not None), None),
        evidence=tuple(evidence),
        conflicts=tuple(conflicts),
    )


def _conflicts(
    declared_park: Place | None, declared: Place | None, named: list[Place], elsewhere: str | None
) -> list[str]:
    """Every pair of statements that do not agree on the district, or on the park."""
    address = _districts_of(named)
    park = None if declared_park is None else declared_park.district
    conflicts = [f"address {address[0]}, address {other}" for other in address[1:]]
    if declared is not None and elsewhere is not None:
        conflicts.append(f"declared {declared.place_id}, address {elsewhere}")
    if declared is not None and address and declared.place_id not in address:
        conflicts.append(f"declared {declared.place_id}, address {address[0]}")
    if declared is not None and not address and park not in (None, declared.place_id):
        conflicts.append(f"declared {declared.place_id}, park {park}")
    if park is not None and address and park not in address:
        conflicts.append(f"park {park}, address {address[0]}")
    parks = [place for place in named if place.kind == "park"]
    if declared_park is not None and parks and declared_park not in parks:
        conflicts.append(f"declared park:{declared_park.name}, address park:{parks[0].name}")
    return conflicts


def _tokens(places: Iterable[Place | None]) -> list[str]:
    return [
        f"{place.kind}:{place.place_id if place.kind == 'district' else place.name}"
        for place in places
        if place is not None
    ]


def _is_functional(place: Place) -> bool:
    """A 新区 or 合作区 lies inside ordinary districts, whatever city they belong to."""
    return place.name.endswith(_FUNCTIONAL)


def _longest_first(matches: Iterable[_Match]) -> list[_Match]:
    return sorted(matches, key=lambda match: (match.start - match.end, match.start))


def _districts_of(places: Iterable[Place | None]) -> list[str]:
    return _once(place.district for place in places if place is not None)


def _once(values: Iterable[_T | None]) -> list[_T]:
    """Values in order, each once, without None."""
    return [value for value in dict.fromkeys(values) if value is not None]
