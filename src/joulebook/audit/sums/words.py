"""Words by which running text tells totals, remainders and lists, in English, German, French and Spanish."""

from __future__ import annotations

import re
from typing import Final

STRONG: Final = re.compile(
    r"\b(?:together(?! with)|between them|combined|add(?:s|ed|ing)? up|add (?:them|these|those|it all|all"
    r"|everything) (?:up|together)|(?:you|we|one) gets?|sums?(?: up)? to|makes?|making|bringing"
    r"|brings|comes? to|came to"
    r"|amount(?:s|ed|ing)? to|(?:the|all) (?:two|three|four|five|six) (?:of them |add|sum|make|are|come)|both"
    r"|that is|that'?s"
    r"|zusammen|ergeben|ergibt|macht|das sind|suman|juntos|juntas|sumados|en conjunto|cela fait|additionn\w*"
    r"|à eux (?:deux|trois|quatre))\b",
    re.IGNORECASE,
)
"""Before a total that is of what was told, and of nothing else."""
TOTAL: Final = re.compile(
    r"\b(?:total\w*|altogether|in all|all told|all in|overall|sum|gesamt\w*|insgesamt|en tout|au total|somme"
    r"|en total|suma"
    r"|grand|in sum|taken together)\b",
    re.IGNORECASE,
)
BEHIND: Final = re.compile(
    r"[^,;.:]{0,25}\b(?:in total|altogether|together(?! with)|combined|in all|overall|all told|insgesamt"
    r"|zusammen|au total|en tout"
    r"|en total|en conjunto)\b",
    re.IGNORECASE,
)
REST: Final = re.compile(
    r"\b(?:remain\w*|the (?:rest|other|others|last|final)|what(?:ever)?(?: is|'s|’s) left|all else"
    r"|everything else|left(?: (?:it|them|us))?(?: with)?"
    r"|leav(?:es?|ing)|balance|net|difference|spare|still (?:unused|free)"
    r"|übrig\w*|restlich\w*|den rest|der rest|verbleib\w*|verblieb\w*|netto\w*|le reste|(?:il )?reste(?:nt|ra)?"
    r"|restant\w*|solde|nette?"
    r"|les autres"
    r"|el resto|restante\w*|quedan?|quedaron|neto|neta)\b[^.;:]{0,45}$",
    re.IGNORECASE,
)
REST_BEHIND: Final = re.compile(
    r"[^,;.:]{0,20}\b(?:remain(?:s|ed|ing)?|(?:is|are|was|were) left|left\b|left over|bleib\w*|blieb\w*|übrig"
    r"|restant\w*|reste[nt]*|to spare"
    r"|(?:auf|für) den rest|pour le reste|para el resto|(?:to|on|for) (?:the rest|everything else|all else)"
    r"|quedan|sobran|(?:are|is|were|was) still|still (?:run|work|stand)\w*)\b",
    re.IGNORECASE,
)
TAKEN: Final = re.compile(
    r"\b(?:sold|returned|lost|given back|fed back|less|minus|deduct\w*|subtract\w*|net of|discharg\w*|withdrawn"
    r"|cancel\w*|retired|scrapped|in use|occupied|booked|taken|spoken for|reserved|allotted|dead|broken|failed"
    r"|belegt|vergeben|abzüglich|zurück\w*|verkauft\w*|verloren|rejet\w*|rendu\w*|restitu\w*|perdu\w*|vendu\w*"
    r"|devuel\w*"
    r"|devolv\w*|vendi\w*|perdi\w*)\b",
    re.IGNORECASE,
)
OPENS: Final = re.compile(r"[^.,;:()\d]{0,40}\s?:\s[^.;\d]{0,40}$")
"""Between a whole and the list of its parts."""
ADDING: Final = re.compile(
    r"\b(?:add\w*(?! (?:them|these|those|it|all|up|everything)\b)|plus|with|includ\w+|counting|on top|ajout\w*"
    r"|hinzu\w*|dazu|sumando|añad\w*)\b",
    re.IGNORECASE,
)
"""What is added to something else that was told before."""
RANGE: Final = re.compile(r"\b(?:from|von|de|desde)\b[^.;,]{0,40}\b(?:to|bis|à|hasta)\b", re.IGNORECASE)
NOT_ALL: Final = re.compile(
    r"[×*·]|\b(?:includ\w+|such as|among|for example|e\.g|mainly|mostly|instead|than|rose|fell|grew|versus|vs|against"
    r"|average\w*|per(?! cent)|compared"
    r"|respectively by|einschlie\w+|darunter|zum beispiel|notamment|y compris|or|oder|ou|estimat\w* (?:range"
    r"|vary)|(?<!shared )(?<!split )(?<!divided )between(?! them)|alone"
    r"|previous\w*|last year['’]s|years? (?:earlier|before|ago)|a year later|up from|down from|twice|double\w*)\b",
    re.IGNORECASE,
)
"""Figures of such a passage may be no parts of one whole."""
YEAR: Final = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)")
SHARE: Final = re.compile(
    r"\b(?:of|von|des?|du|vom|del) (?:[\w’'-]+\s+){0,3}(?:total|gesamt\w*|somme|sum|whole)\b", re.IGNORECASE
)
SHARE_OF: Final = re.compile(r"\s*(?:of|von|der|des|du|del?|de la)\b", re.IGNORECASE)
ONLY: Final = re.compile(
    r"\b(?:only|just|still|merely|nur|noch|seulement|encore|solo|sólo|todavía)\b[^.;:]{0,25}$", re.IGNORECASE
)
"""Before what is left, where something is said to be taken."""
LABEL: Final = re.compile(r"[:=]\s*$")
"""Right before a figure that stands alone behind its name."""
WHOLE: Final = re.compile(
    r"\b(?:of|out of|from|von|aus|sur|de)\s(?:the|these|those|its|our|their|all|den|diesen|ihren|les|ces|ses"
    r"|los|las|sus|un total de|a total of)?"
    r"\s?(?:[a-zà-ÿ]+\s)?$",
    re.IGNORECASE,
)
"""Before a whole of which parts follow."""
AND: Final = re.compile(r"\b(?:and|und|et|y|e)\b[^,;]{0,40}$", re.IGNORECASE)
"""Before the last of a list."""
OUT_OF: Final = re.compile(
    r"\s*(?:out of|of|von|der|des|de|d['’]|du|del?|sur)\s?(?:[a-zà-ÿ][\w’'-]*\s+){0,4}", re.IGNORECASE
)
"""Between a share or a part and the whole."""
OF_IT: Final = re.compile(
    r"\s*(?:of (?:it|that|this|them|these|those|which|the (?:total|whole|sum))|davon|dont|de ello"
    r"|d['’]entre \w+)\W{0,3}(?:[a-z]+\s){0,2}",
    re.IGNORECASE,
)
"""Between a share of what was told and what that is."""
BOUND: Final = re.compile(
    r"\b(?:below|above|under|over|within|beyond|short of|limit|than|unter|über|sous|au-dessous|por debajo"
    r"|bajo)\s(?:[\w’'-]+\s){0,3}$",
    re.IGNORECASE,
)
"""Before a bound, which is no total."""
GAINED: Final = re.compile(
    r"\b(?:bought|added|joined|came|new|received|delivered|gekauft|hinzu|dazu|achet\w*|ajout\w*|compr\w+"
    r"|añad\w*)\b",
    re.IGNORECASE,
)
"""Beside what is added to a stock."""
SPLIT: Final = re.compile(
    r"\b(?:shared|split|divided|breaks? down|broke down|made up of|consists? of|aufgeteilt|verteil\w*|répart\w*"
    r"|décompos\w*|se reparte\w*)\b",
    re.IGNORECASE,
)
"""Between a whole and all of its parts."""
NET: Final = re.compile(
    r"\b(?:net|netto|nette?|neto|neta|difference|balance|differenz|différence|diferencia)\b", re.IGNORECASE
)
"""What remains of one figure without another."""
