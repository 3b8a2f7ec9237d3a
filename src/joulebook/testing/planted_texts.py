"""Layouts of the reports of `planted`: tables, mappings and prose, in three languages."""

# ruff: noqa: E501 - lines of the reports are kept whole

from __future__ import annotations

from typing import Final, NamedTuple


class Layout(NamedTuple):
    """A report with places for figures, those of them that follow from others, and words that may be exchanged."""

    name: str
    form: str
    language: str
    text: str
    derived: tuple[str, ...]
    exchanged: tuple[tuple[str, str], ...] = ()


_ROWS: Final = "abcd"


def _each(line: str, letters: str = _ROWS) -> str:
    return "\n".join(line.replace("#", letter) for letter in letters)


def _of(stems: str, letters: str = "ab") -> tuple[str, ...]:
    return tuple(f"{stem}_{letter}" for stem in stems.split() for letter in letters)


_TABLE = Layout(
    "table",
    "markdown",
    "en",
    "# Footprint of our trainings, {year}\n\nAll runs used {card} GPUs in one hall with a PUE of {pue:.2f}. The grid has {grams} gCO2e/kWh.\n\n"
    "| Model | GPUs | Hours | Power per GPU (W) | Energy (kWh) | Emissions (kg CO2e) |\n| --- | ---: | ---: | ---: | ---: | ---: |\n"
    + _each("| {name_#} | {n_#} | {h_#:,} | {w_#} | {kwh_#:,.1f} | {c_#:,.1f} |")
    + "\n| **Total** | | | | **{kwh_sum:,.1f}** | **{c_sum:,.1f}** |\n",
    (*_of("kwh c"), "kwh_sum", "c_sum"),
    (
        ("a PUE of {pue:.2f}", "a PUE of 0.87"),
        ("Energy (kWh)", "Energy (MWh)"),
        ("Energy (kWh)", "Energy (kW)"),
        ("{h_b:,}", "{n_b:,}"),
    ),
)
_PROSE = Layout(
    "prose",
    "markdown",
    "en",
    "# How we trained {name_a}\n\nThe training ran for {h_a:,} hours on {n_a} {card} GPUs. Each GPU drew {w_a} W on average, so the accelerators alone took {it_a:,.0f} kWh.\n\n"
    "With a PUE of {pue:.2f} the data centre used {kwh_a:,.0f} kWh in all. At {grams} g CO2e/kWh this makes {c_a:,.0f} kg of CO2e ({pounds:,.0f} lb).\n\n"
    "Renting the {dh_a:,} GPU-hours at ${price:.2f} per GPU-hour would have cost ${usd_a:,.0f}.\n\n"
    "In the year before, emissions fell from {before:,} t to {after:,.0f} t, a reduction of {change} %.\n",
    ("it_a", "kwh_a", "c_a", "pounds", "usd_a", "after"),
    (
        ("{w_a} W on average", "{w_a} Wh on average"),
        ("{pounds:,.0f} lb", "{pounds:,.0f} kg"),
        ("{it_a:,.0f} kWh", "{it_a:,.0f} MWh"),
        ("{change} %", "7{change} %"),
    ),
)
_CSV = Layout(
    "csv",
    "csv",
    "en",
    "model,gpus,hours,gpu_power_w,pue,energy_kwh,carbon_intensity_g_per_kwh,emissions_kg\n"
    + _each("{name_#},{n_#},{h_#},{w_#},{pue:.2f},{kwh_#:.1f},{grams},{c_#:.1f}")
    + "\ntotal,,,,,{kwh_sum:.1f},,{c_sum:.1f}\n",
    (*_of("kwh c", "abc"), "kwh_sum", "c_sum"),
    (("emissions_kg", "emissions_t"), ("energy_kwh", "energy_mwh"), ("gpu_power_w", "gpu_power_kw")),
)
_JSON = Layout(
    "json",
    "json",
    "en",
    '{{"report": "trainings {year}", "pue": {pue:.2f}, "carbon_intensity_g_per_kwh": {grams},\n "runs": [\n'
    + ",\n".join(
        '  {{"model": "{name_#}", "gpus": {n_#}, "hours": {h_#}, "power_per_gpu_w": {w_#}, "energy_kwh": {kwh_#:.2f}, "co2e_kg": {c_#:.2f}}}'.replace(
            "#", letter
        )
        for letter in _ROWS
    )
    + '\n ],\n "total_energy_kwh": {kwh_sum:.2f},\n "total_co2e_kg": {c_sum:.2f}\n}}\n',
    (*_of("kwh c"), "kwh_sum", "c_sum"),
    (
        ('"total_co2e_kg"', '"total_co2e_t"'),
        ('"pue": {pue:.2f}', '"pue": 0.{grams}'),
        ('"hours": {h_c}', '"hours": {n_c}'),
    ),
)
_YAML = Layout(
    "yaml",
    "yaml",
    "en",
    "year: {year}\nhardware:\n  gpu: {card}\n  gpus: {n_a}\n  power_per_gpu_w: {w_a}\nrun:\n  hours: {h_a}\n  pue: {pue:.2f}\n"
    "energy:\n  it_kwh: {it_a:.1f}\n  facility_kwh: {kwh_a:.1f}\ncarbon:\n  intensity_g_per_kwh: {grams}\n  emissions_kg: {c_a:.1f}\n"
    "cost:\n  gpu_hours: {dh_a}\n  price_usd_per_gpu_hour: {price:.2f}\n  cost_usd: {usd_a:.2f}\n",
    ("it_a", "kwh_a", "c_a", "dh_a", "usd_a"),
    (
        ("it_kwh", "it_mwh"),
        ("facility_kwh", "facility_wh"),
        ("pue: {pue:.2f}", "pue: 0.91"),
        ("emissions_kg", "emissions_lb"),
    ),
)
_HTML = Layout(
    "html",
    "html",
    "en",
    "<!doctype html><html><head><title>Report {year}</title><style>td {{ width: 40% }}</style></head><body><h1>Energy</h1>\n"
    "<p>Server power is counted with a PUE of {pue:.2f}. Electricity costs ${tariff:.3f} per kWh.</p>\n"
    '<table><tr><th rowspan="2">Model</th><th colspan="2">Use</th><th colspan="2">Result</th></tr>\n'
    "<tr><th>GPU-hours</th><th>Power per GPU (W)</th><th>Energy (kWh)</th><th>Share (%)</th></tr>\n"
    + _each("<tr><td>{name_#}</td><td>{dh_#:,}</td><td>{w_#}</td><td>{kwh_#:,.0f}</td><td>{share_#:.1f}</td></tr>")
    + "\n<tr><td>Total</td><td>{dh_sum:,}</td><td></td><td>{kwh_sum:,.0f}</td><td>100.0</td></tr></table>\n"
    "<p>The whole bill for {kwh_sum:,.0f} kWh at ${tariff:.3f} per kWh was ${bill:,.0f}.</p></body></html>\n",
    ("dh_a", "kwh_a", "kwh_b", "share_c", "dh_sum", "bill", "kwh_sum"),
    (("Energy (kWh)", "Energy (GWh)"), ("Power per GPU (W)", "Power per GPU (kW)")),
)
_GERMAN = Layout(
    "german",
    "markdown",
    "de",
    "# Bericht {year!s}\n\nDas Training lief {h_a:,} Stunden auf {n_a} Grafikkarten mit je {w_a} W und verbrauchte {it_a:,.1f} kWh.\n\n"
    "Mit einer PUE von {pue:.2f} sind das {kwh_a:,.1f} kWh. Bei {grams} g CO2e pro kWh ergibt das {t_a:,.3f} t CO2e.\n\n"
    "| Modell | Energie (kWh) | Emissionen (kg CO2e) | Emissionsfaktor (g/kWh) |\n| --- | ---: | ---: | ---: |\n"
    + _each("| {name_#} | {kwh_#:,.1f} | {c_#:,.1f} | {grams} |")
    + "\n| Summe | {kwh_sum:,.1f} | {c_sum:,.1f} | |\n\nDie Emissionen sind von {before:,} t auf {after:,.0f} t gesunken, ein Rückgang um {change} %.\n",
    ("it_a", "t_a", "kwh_b", "c_b", "kwh_sum", "c_sum", "after"),
    (("je {w_a} W", "je {w_a} kW"), ("{t_a:,.3f} t CO2e", "{t_a:,.3f} kg CO2e"), ("Energie (kWh)", "Energie (MWh)")),
)
_FRENCH = Layout(
    "french",
    "markdown",
    "fr",
    "# Rapport {year!s}\n\nL'entraînement a duré {h_a:,} heures sur {n_a} cartes de {w_a} W par carte et a consommé {it_a:,.1f} kWh.\n\n"
    "Avec un PUE de {pue:.2f}, cela fait {kwh_a:,.1f} kWh. À {grams} g CO2e/kWh, les émissions sont de {c_a:,.1f} kg.\n\n"
    "| Modèle | Énergie (kWh) | Coût (€) |\n| --- | ---: | ---: |\n"
    + _each("| {name_#} | {kwh_#:,.1f} | {usd_#:,.2f} |")
    + "\n| Total | {kwh_sum:,.1f} | {usd_sum:,.2f} |\n",
    ("it_a", "c_a", "kwh_sum", "usd_sum"),
    (
        ("{c_a:,.1f} kg", "{c_a:,.1f} t"),
        ("{w_a} W par carte", "{w_a} kW par carte"),
        ("un PUE de {pue:.2f}", "un PUE de 0,8"),
    ),
)
_SEMICOLONS = Layout(
    "semicolons",
    "csv",
    "de",
    "Modell;GPU-Stunden;Preis (USD/GPU-Stunde);Kosten (USD);Wasser (L)\n"
    + _each("{name_#};{dh_#:,};{price:.2f};{usd_#:,.2f};{l_#:,.1f}")
    + "\nSumme;{dh_sum:,};;{usd_sum:,.2f};{l_sum:,.1f}\n",
    ("dh_sum", "usd_a", "usd_c", "usd_sum", "l_sum"),
    (("{price:.2f}", "0,0{n_a}"),),
)
_CARD = Layout(
    "card",
    "markdown",
    "en",
    "---\nlicense: mit\nco2_eq_emissions:\n  emissions_kg: {c_a:.0f}\n---\n# Model card of {name_a}\n\n## Environmental impact\n\n"
    "- **Hardware:** {card}\n- **GPUs:** {n_a}\n- **Hours used:** {h_a} h\n- **Power per GPU:** {w_a} W\n- **PUE:** {pue:.2f}\n"
    "- **Energy consumed:** {kwh_a:,.0f} kWh\n- **Carbon intensity:** {kg:.3f} kg CO2e/kWh\n- **Carbon emitted:** {c_a:,.0f} kg CO2e\n",
    ("kwh_a", "c_a"),
    (
        ("Energy consumed:** {kwh_a:,.0f} kWh", "Energy consumed:** {kwh_a:,.0f} MWh"),
        ("{kg:.3f} kg CO2e/kWh", "{grams} kg CO2e/kWh"),
        ("PUE:** {pue:.2f}", "PUE:** 0.95"),
        ("GPUs:** {n_a}", "GPUs:** 1"),
    ),
)
_SHEET = Layout(
    "sheet",
    "markdown",
    "en",
    "# Appendix: compute\n\n| Item | Value |\n| --- | --- |\n| GPUs | {n_b} x {card} |\n| Wall time | {h_b} h |\n| GPU-hours | {dh_b:,} |\n| Power per GPU | {w_b} W |\n"
    "| PUE | {pue:.2f} |\n| IT energy | {it_b:,.1f} kWh |\n| Facility energy | {kwh_b:,.1f} kWh |\n| Grid intensity | {grams} gCO2e/kWh |\n| Emissions | {t_b:,.3f} tCO2e |\n",
    ("dh_b", "it_b", "kwh_b", "t_b"),
    (
        ("{t_b:,.3f} tCO2e", "{t_b:,.3f} kgCO2e"),
        ("IT energy | {it_b:,.1f} kWh", "IT energy | {it_b:,.1f} kW"),
        ("{grams} gCO2e/kWh", "{grams} kgCO2e/kWh"),
    ),
)
_SERVING = Layout(
    "serving",
    "markdown",
    "en",
    "# Serving in {year}\n\nThe assistant answered {millions:,.0f} million prompts. At {wh:.2f} Wh per prompt that is {served:,.2f} MWh.\n\n"
    "The service used {day} kWh a day, or {yearly:,.1f} MWh a year. Its use is split into {share_x} % for chat, {share_y} % for search and the remaining {share_z} % for code.\n\n"
    "A long answer took {large:,.1f} kWh against {small:,.1f} kWh for a batch of short ones, {times} times as much.\n\n"
    "Operation caused {op:.1f} t, manufacturing {emb:.1f} t and idle machines {idle:.1f} t, in total {all:.1f} t of CO2e.\n\n"
    "The {fleet:,} {card} GPUs of the fleet, at {w_a} W each, draw {fleet_mw:,.2f} MW together.\n",
    ("served", "yearly", "share_z", "all", "fleet_mw", "large"),
    (
        ("{yearly:,.1f} MWh a year", "{yearly:,.1f} GWh a year"),
        ("{wh:.2f} Wh per prompt", "{wh:.2f} kWh per prompt"),
        (
            "{op:.1f} t, manufacturing {emb:.1f} t and idle machines {idle:.1f} t, in total {all:.1f} t",
            "{op:.1f} t, manufacturing {emb:.1f} t and idle machines {idle:.1f} t, {op:.1f} t + {emb:.1f} t + {idle:.1f} t = 9{all:.1f} t",
        ),
        ("{fleet_mw:,.2f} MW together", "{fleet_mw:,.2f} kW together"),
        ("The service used {day} kWh a day", "Data centres use over 200 TW. The service used {day} kWh a day"),
    ),
)
_ARTICLE = Layout(
    "article",
    "markdown",
    "en",
    "# What does it cost?\n\nTraining {name_b} emitted {car_t:,.1f} t of CO2e, as much as {cars} cars for a year. The grid factor of {year} was used for the training in {year}.\n\n"
    "The run used {kwh_a:,.0f} kWh ({joules:,.1f} GJ). On a location basis the company reports {location:,.1f} t for {year}; on a market basis it reports {market:,.1f} t.\n\n"
    "The study draws {w_a} W for one {card} under full load, and utilisation was {util} %. Its cluster has {nodes} nodes with 8 GPUs per node, {node_n} GPUs in all.\n",
    ("joules", "node_n"),
    (
        ("{cars} cars for a year", "{cars} cars over their lifetimes"),
        ("The grid factor of {year}", "The grid factor of {old}"),
        ("{w_a} W for one {card} under full load", "36 W for one {card} under full load"),
        ("utilisation was {util} %", "utilisation was 1{util} %"),
        ("{joules:,.1f} GJ", "{joules:,.1f} MJ"),
        (
            "it reports {market:,.1f} t.",
            "it reports {market:,.1f} t. The market-based figure of {market:,.1f} t is lower than the location-based {location:,.1f} t of the competitor.",
        ),
        ("emitted {car_t:,.1f} t of CO2e", "emitted 626,155 lb of CO2e like any model, or {car_t:,.1f} t of CO2e"),
        ("{kwh_a:,.0f} kWh ({joules", "{kwh_a:,.0f} kW of energy ({joules"),
    ),
)
_SCOPES = Layout(
    "scopes",
    "csv",
    "en",
    "site,basis,electricity_mwh,emissions_t\n{zone} one,location,{mwh_a:.2f},{t_a:.3f}\n{zone} two,location,{mwh_b:.2f},{t_b:.3f}\n{zone} three,location,{mwh_c:.2f},{t_c:.3f}\n{zone} four,location,{mwh_d:.2f},{t_d:.3f}\ntotal,location,{mwh_sum:.2f},{t_sum:.3f}\n",
    ("mwh_sum", "t_sum"),
    (("two,location", "two,market"), ("electricity_mwh", "electricity_gwh"), ("emissions_t", "emissions_kt")),
)
LAYOUTS: Final = (
    _TABLE,
    _PROSE,
    _CSV,
    _JSON,
    _YAML,
    _HTML,
    _GERMAN,
    _FRENCH,
    _SEMICOLONS,
    _CARD,
    _SHEET,
    _SERVING,
    _ARTICLE,
    _SCOPES,
)
