"""The grammar of the toy corpus: its nouns, their attributes, and the phrases that describe them.

In the tables with phrases, two lines follow each row: the phrases that stand before the noun in a
sentence, and those that stand after it, separated by commas.
"""

from typing import NamedTuple


class Attribute(NamedTuple):
    """Phrases that describe one attribute of a noun."""

    before: list[str]
    after: list[str]


class Noun(NamedTuple):
    """A noun and its attributes; an attribute listed twice is drawn twice as often."""

    word: str
    attributes: list[Attribute]


# attribute
_SHARED = """
male
    like a gentleman the, with a long beard the, he said that the, as his brother the
    shaved his beard, wore a suit and tie, hurt himself, called him mister, did as he liked
female
    like a lady the, with a pearl necklace the, she said that the, as her sister the
    combed her hair, wore a dress and skirt, hurt herself, called her madam, did as she liked
adult
    after work the grown, with a heavy duty the, before the wedding the
    paid the tax, signed the contract, got married, carried the duty, met the lawyer
young
    after school the little, with a new toy the, before the exam the
    went to school, played with a toy, learned to read, grew tall, asked the teacher
old
    after a long life the, with a walking stick the, before the funeral the
    leaned on the stick, told old stories, took a nap, forgot the spectacles, turned ninety
royal
    in the palace the, on the throne the, at the castle the
    wore the crown, rode to the castle, inherited the kingdom, waved from the palace
common
    in the village the, at the market the, on the farm the
    sold eggs at the market, lived in the village, worked on the farm, swept the street
family
    at home the beloved, at the reunion the, on the sofa the
    hugged the relatives, came to the reunion, wrote home, kept the album
stage
    in the theatre the, before the audience the, under the spotlight the
    rehearsed the play, bowed to the audience, left the theatre, read the script
restaurant
    in the restaurant the, with a tray the, behind the counter the
    carried the tray, wrote down the order, hoped for a tip, recommended the menu
religious
    in the abbey the, at the altar the, during the prayer the
    sang a psalm, knelt at the altar, lit a candle, stayed in the abbey
magic
    in the enchanted forest the, with a wand the, above the cauldron the
    cast a spell, stirred the potion, lifted the wand, flew on a broom
country
    the border of, the army of, the constitution of, the citizens of
    changed its constitution, closed the border, elected a president, signed the treaty
capital
    the streets of, the mayor of, the suburbs of, downtown in
    opened a subway, built a museum downtown, repaired the bridges, has crowded suburbs
one
    this, one, a single, each, every
    stood alone, belonged to itself, remained the only one, had its own place
many
    these, many, several, a few, hundreds of
    stood together, differed among themselves, formed two rows, had their own places
animal
    with soft fur the, in the stable the, on four paws the
    wagged a tail, ate from the hand, lost some fur, rested in the straw
vehicle
    with a loud engine the, on the highway the, on new wheels the
    passed the traffic, needed fuel, braked on the highway, lost a wheel
fruit
    from the orchard the, in the juice the, under the leaves the
    tasted sweet, ripened in the orchard, went into the juice, fell from the branch
furniture
    in the living room the, out of oak the, from the carpenter the
    came from the carpenter, creaked on the floor, got new varnish, filled the room
meal
    the guests came for, we invited them to, a hearty, they were late for
    pleased the guests, ended with dessert, began late, lasted an hour
grain
    a sack of, the bowl of, the farmer harvested, a spoon of dry
    grew on the field, filled the bowl, came from the mill, got soaked in milk
drink
    a cup of, a sip of, the mug of hot, a pot of
    steamed in the cup, came from the pot, kept everybody awake, got cold in the mug
"""

# for a man, for a woman, age, calling
_PEOPLE = """
king queen adult royal
prince princess young royal
man woman adult common
boy girl young common
father mother adult family
son daughter young family
grandfather grandmother old family
actor actress adult stage
waiter waitress adult restaurant
monk nun adult religious
wizard witch old magic
"""

# country, capital, people, water, two products
_COUNTRIES = """
france paris french seine cheese perfume
germany berlin german rhine beer sausage
italy rome italian tiber pasta opera
spain madrid spanish ebro flamenco paella
portugal lisbon portuguese tagus sardines cork
england london english thames cricket pudding
russia moscow russian volga vodka caviar
poland warsaw polish vistula dumplings amber
austria vienna austrian danube waltzes strudel
greece athens greek aegean feta marble
egypt cairo egyptian nile papyrus dates
japan tokyo japanese pacific sushi kimonos
china beijing chinese yangtze silk porcelain
india delhi indian ganges curry cotton
sweden stockholm swedish baltic herring matches
cuba havana cuban caribbean cigars rum
"""

# one, many, attribute; the phrases are their own
_THINGS = """
cat cats animal
    with long whiskers the, after the mouse the
    caught a mouse, kept purring, cleaned the whiskers
dog dogs animal
    on a leash the, beside the kennel the
    buried a bone, kept barking, guarded the kennel
horse horses animal
    under the saddle the, before the race the
    jumped the fence, kept galloping, threw off the saddle
cow cows animal
    during the milking the, across the meadow the
    gave a bucket, kept grazing, crossed the meadow
car cars vehicle
    in the garage the, from the dealer the
    left the garage, kept honking, had no seatbelt
truck trucks vehicle
    at the warehouse the, with the cargo the
    delivered the cargo, kept rumbling, pulled a trailer
train trains vehicle
    at the station the, along the rails the
    reached the station, kept whistling, followed the rails
bicycle bicycles vehicle
    with two pedals the, against the wall the
    leaned on the wall, kept ringing, had rusty pedals
apple apples fruit
    for the cider the, with a worm the
    made good cider, hid a worm, got baked with cinnamon
banana bananas fruit
    for the monkeys the, in the yellow peel the
    pleased the monkeys, lost the peel, hung in bunches
lemon lemons fruit
    with a grater the, sour as ever the
    made sour faces, got squeezed, flavoured the fish
cherry cherries fruit
    for the jam the, without a stone the
    became jam, hid a stone, attracted starlings
chair chairs furniture
    with a cushion the, for sitting the
    lost a cushion, had an armrest, faced the window
table tables furniture
    under the cloth the, with a vase the
    carried a vase, got a clean cloth, held the plates
bed beds furniture
    for sleeping the, without a pillow the
    had a blanket, got a pillow, needed a mattress
lamp lamps furniture
    with a dim bulb the, by its switch the
    gave light, needed a bulb, had a shade
"""

# word, attribute; the phrases are its own
_OTHERS = """
breakfast meal
    in the morning, at sunrise
    came with a newspaper, began with yawning
lunch meal
    at noon, in the canteen
    divided the office, fed the colleagues
dinner meal
    in the evening, by moonlight
    brought a roast, began with soup
cereal grain
    out of the cardboard box, with raisins the
    contained raisins, came as flakes
oats grain
    for the porridge rolled, as fodder
    became porridge, served as fodder
rice grain
    from the paddy, in the steamer
    left the steamer, came from the paddy
barley grain
    for the brewery, to make malt
    became malt, reached the brewery
espresso drink
    in the bar strong, with crema the tiny
    had a dark crema, came strong from the bar
cappuccino drink
    with milk foam the, under sprinkles the
    lost the foam, got some sprinkles
tea drink
    from green leaves, with lemon peel
    drew from leaves, suited the ceremony
cocoa drink
    with a marshmallow the, for the children
    carried a marshmallow, calmed the children
"""


def _rows(table: str) -> list[list[str]]:
    """Split a table into its rows and these into words."""
    return [line.split() for line in table.strip().splitlines()]


def _rows_with_phrases(table: str) -> list[tuple[list[str], Attribute]]:
    lines = table.strip().splitlines()
    return [
        (head.split(), Attribute(before.strip().split(", "), after.strip().split(", ")))
        for head, before, after in zip(lines[::3], lines[1::3], lines[2::3], strict=True)
    ]


GENDERS = [(male, female) for male, female, *_ in _rows(_PEOPLE)]
CAPITALS = [(country, capital) for country, capital, *_ in _rows(_COUNTRIES)]
PLURALS = [(one, many) for (one, many, _), _ in _rows_with_phrases(_THINGS)]


def nouns() -> list[Noun]:
    """Return all nouns of the grammar."""
    shared = {name: attribute for (name,), attribute in _rows_with_phrases(_SHARED)}
    found: list[Noun] = []
    for male, female, age, calling in _rows(_PEOPLE):
        # Age counts twice: it alone keeps princess and queen apart.
        others = [shared[age], shared[age], shared[calling]]
        found.append(Noun(male, [shared["male"], *others]))
        found.append(Noun(female, [shared["female"], *others]))
    for country, capital, *words in _rows(_COUNTRIES):
        own = _own_of_country(*words)
        found.append(Noun(country, [*[shared["country"]] * 2, *[own] * 2]))
        found.append(Noun(capital, [*[shared["capital"]] * 2, *[own] * 2]))
    for (one, many, name), own in _rows_with_phrases(_THINGS):
        found.append(Noun(one, [shared["one"], *[shared[name]] * 3, own]))
        found.append(Noun(many, [shared["many"], *[shared[name]] * 3, own]))
    for (word, name), own in _rows_with_phrases(_OTHERS):
        found.append(Noun(word, [*[shared[name]] * 3, own]))
    return found


def _own_of_country(people: str, water: str, first: str, second: str) -> Attribute:
    return Attribute(
        before=[f"the {people} flag of", f"the {water} flows by", f"{first} and {second} from"],
        after=[f"faces the {water}", f"exports {first}", f"sells {second}", f"speaks {people}"],
    )
