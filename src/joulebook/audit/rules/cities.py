"""Cities and regions with data centres, and whose electricity they use: for the carbon of a kWh only."""

from __future__ import annotations

from typing import Final

CITIES: Final = {
    "fr": "Paris|Marseille|Lyon|Toulouse|Grenoble|Jean Zay|Île-de-France|Orsay|Saclay|Strasbourg|Bordeaux|Lille",
    "de": "Frankfurt|Berlin|Munich|München|Hamburg|Jülich|Stuttgart|Karlsruhe|Dresden|Cologne|Köln|Garching|Leipzig"
    "|Bavaria|Bayern|Hesse|Hessen|Brandenburg|Saxony|Sachsen|Francfort|Fráncfort|Berlín|Múnich",
    "gb": "London|Londres|Slough|Manchester|Edinburgh|Cambridge|Scotland|Wales|England|Cardiff|Bristol|Inglaterra",
    "ie": "Dublin|Cork|Dublín",
    "nl": "Amsterdam|Rotterdam|Groningen|Eemshaven|Middenmeer|Ámsterdam",
    "be": "Brussels|Bruxelles|Brüssel|Mons|Bruselas",
    "ch": "Zurich|Zürich|Geneva|Genève|Lugano|Lausanne|Basel|Genf|Ginebra",
    "at": "Vienna|Wien|Linz|Vienne",
    "se": "Stockholm|Luleå|Lulea|Boden|Gävle|Gothenburg|Göteborg|Malmö|Linköping|Skellefteå|Estocolmo",
    "no": "Oslo|Bergen|Trondheim|Narvik|Rjukan|Stavanger|Kristiansand",
    "fi": "Helsinki|Kajaani|Hamina|Espoo|Oulu|LUMI",
    "dk": "Copenhagen|Kopenhagen|Copenhague|Odense|Esbjerg|Viborg|Aarhus",
    "is": "Reykjavik|Reykjavík|Keflavik|Keflavík",
    "es": "Madrid|Barcelona|Zaragoza|Valencia|Seville|Sevilla|Bilbao|Aragón|Aragon|MareNostrum|Catalonia|Cataluña",
    "pt": "Lisbon|Lissabon|Lisbonne|Lisboa|Porto|Sines",
    "it": "Milan|Milano|Mailand|Rome|Bologna|Turin|Milán",
    "pl": "Warsaw|Warschau|Varsovie|Poznań|Poznan|Kraków|Krakow|Katowice|Varsovia|Wrocław",
    "cz": "Prague|Prag|Ostrava|Brno|Praga",
    "gr": "Athens|Athen",
    "jp": "Tokyo|Osaka|Tokio|Fugaku",
    "kr": "Seoul|Busan|Séoul|Seúl",
    "in": "Mumbai|Bangalore|Bengaluru|Hyderabad|Chennai|Delhi|Pune",
    "cn": "Beijing|Shanghai|Shenzhen|Guizhou|Peking|Inner Mongolia|Hangzhou",
    "tw": "Taipei",
    "za": "Johannesburg|Cape Town|Kapstadt",
    "au": "Sydney|Melbourne|Canberra",
    "br": "São Paulo|Sao Paulo|Fortaleza",
    "cl": "Santiago de Chile",
    "ca-qc": "Montreal|Montréal|Quebec City|Québec|Beauharnois",
    "ca-on": "Toronto|Ottawa",
    "ca-bc": "Vancouver",
    "ca-ab": "Calgary|Edmonton",
    "us-va": "Ashburn|Loudoun|Northern Virginia|Manassas",
    "us-tx": "Dallas|Austin|Houston|San Antonio|Abilene|El Paso",
    "us-or": "The Dalles|Prineville|Hillsboro|Boardman",
    "us-ia": "Des Moines|Council Bluffs|Altoona",
    "us-az": "Phoenix|Goodyear",
    "us-ga": "Atlanta",
    "us-oh": "Columbus|New Albany",
    "us-il": "Chicago",
    "us-tn": "Memphis|Nashville|Oak Ridge",
    "us-nv": "Las Vegas|Reno",
    "us-ca": "Silicon Valley|Santa Clara|Los Angeles|San Francisco|Palo Alto",
    "us-ut": "Salt Lake City",
    "us-wy": "Cheyenne",
    "us-ne": "Omaha|Papillion",
}
"""Code of a grid -> names of places that it serves."""
NO_PLACE: Final = r"\s(?:Agreement|agreement|Accord|accord|Protocol|climate|Climate|goals?|Klima\w*|targets?|Saclay)"
"""Behind the name of a city that means something else: the Paris Agreement."""
