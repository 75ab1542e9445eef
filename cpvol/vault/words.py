"""Public keys as words, to be compared over the telephone.

The list is this project's own: 256 common words of four to eight letters, no two alike in their first
three letters, none within two letters of another, and none that could alarm or amuse in this field. A word
stands for one byte, by its place in the alphabet. **The list never changes**: two versions of the program
must read out the same words.
"""

from __future__ import annotations

import hashlib

#: Words that a fingerprint has: 64 bits, out of reach for somebody who makes keys until one looks alike.
LENGTH = 8

_LIST = """
    acorn album almanac amber anchor angle apron atlas attic autumn avocado badge baker ballet
    bamboo banana barn beacon bench berry bicycle biscuit blanket blossom bluebell bonnet
    boulder bread brick broom bubble bucket buffalo button cabin cactus camel canoe carpet
    castle cedar cello chalk chimney cinema circus clarinet clock cobbler coconut copper coral
    coyote cradle cricket crystal cuckoo cushion daisy diamond dinner dolphin domino donkey
    dragon drum elbow elephant emerald engine envelope evening eyebrow fabric falcon farmer
    feather fennel fiddle fiesta flamingo flute forest fossil fountain galaxy garden gazelle
    giraffe glacier glove goblet gondola gravel guitar gymnast hamster harbour hedgehog helmet
    hexagon holiday hotel hurdle hyacinth iceberg icing igloo iguana indigo insect island jaguar
    jasmine jewel jigsaw journey jubilee jumper kangaroo kayak ketchup kiosk kitchen koala
    ladder lagoon lantern lavender lemon leopard lettuce library lilac lizard llama lobster
    magnet mango maple meadow mermaid midnight mirror mitten monday mosaic muffin museum napkin
    nectar needle nickel nomad november nugget oatmeal obelisk ocean october onion orange
    orchard oregano ostrich otter palace pancake paprika parrot pastry peanut pelican pencil
    piano picnic pigeon pillow pirate plaster pony popcorn potato prairie pretzel prism pumpkin
    puppet puzzle pyramid quarry quilt rabbit radish railway recipe rhubarb ribbon river
    rosemary rubber runway sailor salad sandal satchel saucer scarf scooter sequin skipper
    snowman spanner spinach sponge squirrel stable sugar swallow sycamore syrup tadpole tapestry
    teapot temple tennis thimble thunder toast topaz tortoise tractor trumpet tulip tweed
    ukulele umbrella unicorn upstairs vanilla vessel village vinegar violin volcano voyage
    vulture waffle walnut whistle window wombat wonder yacht zebra zigzag
"""

#: In the order of the alphabet: the place of a word is the byte it stands for.
WORDS = tuple(_LIST.split())


def fingerprint_words(public: str) -> str:
    """Eight words for a public key, or for any other text, with single spaces.

    :param public: the text exactly as both sides have it; the words stand for the first bytes of its SHA-256.
    """
    return " ".join(WORDS[byte] for byte in hashlib.sha256(public.encode()).digest()[:LENGTH])
