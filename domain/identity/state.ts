import { fold, foldedWords } from './text';

/**
 * ISO 3166-2 of a state, province or canton as people write it: `BY`, `DE-BY`, `Bavaria` and `Freistaat Bayern` are
 * `DE-BY`. Without a country only a name that is one state's is understood, and no code: `BE` is a state of two
 * countries. Empty when not understood, as in countries that have no table here.
 * @param country ISO 3166-1 alpha-2 or empty
 */
export function stateCode(text: string | undefined, country: string): string {
  const words = foldedWords(text);
  const [first = ''] = words;
  const within = country === '' && words.length === 2 ? first.toUpperCase() : country;
  const table = tables.get(within);
  const code = (words.length > 1 && first.toUpperCase() === within ? words.slice(1) : words).join('');
  return table?.codes.get(code) ?? (country === '' ? anywhere : table?.names)?.get(nameKey(text)) ?? '';
}

/** Whether two states are one, each as `stateCode` has it or else folded: a code without a country is any country's. */
export function isOneState(a: string, b: string): boolean {
  return a !== '' && (a === b || withoutCountry(a) === b || a === withoutCountry(b));
}

/** `ny` of `US-NY`: how the state is written where the country is taken for granted. */
export const withoutCountry = (code: string): string => code.replace(/^[A-Z]{2}-/, '').toLowerCase();

/** Words that say what kind of part a state is, or join its words: not `Stadt`, by which half-cantons differ. */
const kinds: ReadonlySet<string> = new Set(
  `state province territory union of the land freistaat freie hansestadt kanton canton cantone estado provincia
   de du des do da del di und and et`
    .split(/\s+/)
    .map(fold),
);

function nameKey(text: string | undefined): string {
  const words = foldedWords(text);
  return words.filter((word) => !kinds.has(word)).join('');
}

/**
 * Codes and names by country: facts of ISO 3166-2 (as of its change of 23 November 2023), names in the languages of the
 * country and in English; behind them forms that are in use beside these, among them codes that the standard had before.
 * The countries are those that most leads with a state come from. (`date-holidays` has lists of states as well: of those
 * that differ in their holidays, so none for Mexico, some by other names, and codes of before 2023.)
 */
const states = `
US: AL Alabama; AK Alaska; AZ Arizona; AR Arkansas; CA California/Calif; CO Colorado; CT Connecticut/Conn; DE Delaware; FL Florida/Fla;
  GA Georgia; HI Hawaii; ID Idaho; IL Illinois/Ill; IN Indiana/Ind; IA Iowa; KS Kansas; KY Kentucky; LA Louisiana; ME Maine; MD Maryland;
  MA Massachusetts/Mass; MI Michigan/Mich; MN Minnesota/Minn; MS Mississippi/Miss; MO Missouri; MT Montana; NE Nebraska; NV Nevada;
  NH New Hampshire; NJ New Jersey; NM New Mexico; NY New York; NC North Carolina; ND North Dakota; OH Ohio; OK Oklahoma/Okla;
  OR Oregon; PA Pennsylvania/Penn/Penna; RI Rhode Island; SC South Carolina; SD South Dakota; TN Tennessee/Tenn; TX Texas/Tex;
  UT Utah; VT Vermont; VA Virginia; WA Washington/Wash; WV West Virginia; WI Wisconsin/Wis; WY Wyoming;
  DC District of Columbia/Washington DC; AS American Samoa; GU Guam; MP Northern Mariana Islands; PR Puerto Rico;
  UM United States Minor Outlying Islands; VI Virgin Islands/US Virgin Islands
CA: AB Alberta; BC British Columbia/Colombie-Britannique; MB Manitoba; NB New Brunswick/Nouveau-Brunswick;
  NL Newfoundland and Labrador/Terre-Neuve-et-Labrador/Newfoundland/NF; NS Nova Scotia/Nouvelle-Écosse;
  NT Northwest Territories/Territoires du Nord-Ouest/NWT; NU Nunavut; ON Ontario; PE Prince Edward Island/Île-du-Prince-Édouard/PEI;
  QC Quebec/Québec/PQ; SK Saskatchewan; YT Yukon/YK
AU: ACT Australian Capital Territory; NSW New South Wales; NT Northern Territory; QLD Queensland; SA South Australia; TAS Tasmania;
  VIC Victoria; WA Western Australia
DE: BW Baden-Württemberg/BaWü; BY Bayern/Bavaria; BE Berlin; BB Brandenburg; HB Bremen; HH Hamburg; HE Hessen/Hesse;
  MV Mecklenburg-Vorpommern/Mecklenburg-Western Pomerania/Meck-Pomm; NI Niedersachsen/Lower Saxony/NDS;
  NW Nordrhein-Westfalen/North Rhine-Westphalia/NRW; RP Rheinland-Pfalz/Rhineland-Palatinate/RLP; SL Saarland;
  SN Sachsen/Saxony; ST Sachsen-Anhalt/Saxony-Anhalt; SH Schleswig-Holstein; TH Thüringen/Thuringia
AT: 1 Burgenland/Bgld; 2 Kärnten/Carinthia/Ktn; 3 Niederösterreich/Lower Austria/NÖ/NOE; 4 Oberösterreich/Upper Austria/OÖ/OOE;
  5 Salzburg/Sbg; 6 Steiermark/Styria/Stmk; 7 Tirol/Tyrol; 8 Vorarlberg/Vbg; 9 Wien/Vienna
CH: AG Aargau/Argovie/Argovia; AI Appenzell Innerrhoden/Appenzell Rhodes-Intérieures/Appenzello Interno;
  AR Appenzell Ausserrhoden/Appenzell Rhodes-Extérieures/Appenzello Esterno; BE Bern/Berne/Berna;
  BL Basel-Landschaft/Bâle-Campagne/Basilea Campagna/Baselland; BS Basel-Stadt/Bâle-Ville/Basilea Città/Basel-City;
  FR Fribourg/Freiburg/Friburgo; GE Genève/Genf/Ginevra/Geneva; GL Glarus/Glaris/Glarona; GR Graubünden/Grisons/Grigioni/Grischun;
  JU Jura/Giura; LU Luzern/Lucerne/Lucerna; NE Neuchâtel/Neuenburg; NW Nidwalden/Nidwald/Nidvaldo; OW Obwalden/Obwald/Obvaldo;
  SG St. Gallen/Sankt Gallen/Saint-Gall/San Gallo; SH Schaffhausen/Schaffhouse/Sciaffusa; SO Solothurn/Soleure/Soletta;
  SZ Schwyz/Schwytz/Svitto; TG Thurgau/Thurgovie/Turgovia; TI Ticino/Tessin; UR Uri; VD Vaud/Waadt; VS Valais/Wallis/Vallese;
  ZG Zug/Zoug/Zugo; ZH Zürich/Zurich/Zurigo
BR: AC Acre; AL Alagoas; AP Amapá; AM Amazonas; BA Bahia; CE Ceará; DF Distrito Federal; ES Espírito Santo; GO Goiás; MA Maranhão;
  MT Mato Grosso; MS Mato Grosso do Sul; MG Minas Gerais; PA Pará; PB Paraíba; PR Paraná; PE Pernambuco; PI Piauí; RJ Rio de Janeiro;
  RN Rio Grande do Norte; RS Rio Grande do Sul; RO Rondônia; RR Roraima; SC Santa Catarina; SP São Paulo; SE Sergipe; TO Tocantins
MX: AGU Aguascalientes/Ags; BCN Baja California; BCS Baja California Sur; CAM Campeche; CHP Chiapas; CHH Chihuahua;
  CMX Ciudad de México/Mexico City/CDMX/Distrito Federal/DF/DIF; COA Coahuila de Zaragoza/Coahuila; COL Colima; DUR Durango;
  GUA Guanajuato/Gto; GRO Guerrero; HID Hidalgo; JAL Jalisco; MEX México/Edomex; MIC Michoacán de Ocampo/Michoacán; MOR Morelos;
  NAY Nayarit; NLE Nuevo León/NL; OAX Oaxaca; PUE Puebla; QUE Querétaro/Qro; ROO Quintana Roo; SLP San Luis Potosí; SIN Sinaloa;
  SON Sonora; TAB Tabasco; TAM Tamaulipas; TLA Tlaxcala; VER Veracruz de Ignacio de la Llave/Veracruz; YUC Yucatán; ZAC Zacatecas
IN: AN Andaman and Nicobar Islands; AP Andhra Pradesh; AR Arunachal Pradesh; AS Assam; BR Bihar; CH Chandigarh; CG Chhattisgarh/CT;
  DH Dadra and Nagar Haveli and Daman and Diu/DN/DD; DL Delhi/New Delhi; GA Goa; GJ Gujarat; HR Haryana; HP Himachal Pradesh;
  JK Jammu and Kashmir; JH Jharkhand; KA Karnataka; KL Kerala; LA Ladakh; LD Lakshadweep; MP Madhya Pradesh; MH Maharashtra;
  MN Manipur; ML Meghalaya; MZ Mizoram; NL Nagaland; OD Odisha/Orissa/OR; PY Puducherry/Pondicherry; PB Punjab; RJ Rajasthan;
  SK Sikkim; TN Tamil Nadu; TS Telangana/TG; TR Tripura; UP Uttar Pradesh; UK Uttarakhand/Uttaranchal/UT/UA; WB West Bengal
`;

interface States {
  readonly codes: ReadonlyMap<string, string>;
  /** Names and what is in use beside them. */
  readonly names: ReadonlyMap<string, string>;
}

const tables: ReadonlyMap<string, States> = new Map(
  states
    .split(/^(?=[A-Z]{2}:)/m)
    .filter((part) => part.includes(':'))
    .map((part) => [part.slice(0, 2), statesOf(part.slice(0, 2), part.slice(3))]),
);

function statesOf(country: string, text: string): States {
  const [codes, names] = [new Map<string, string>(), new Map<string, string>()];
  for (const entry of text.split(';').map((one) => one.trim())) {
    const [code = ''] = entry.split(' ');
    const full = `${country}-${code}`;
    codes.set(fold(code), full);
    for (const name of entry.slice(code.length).split('/')) names.set(nameKey(name), full);
  }
  return { codes, names };
}

/** Names, not short forms, of all these countries; empty where two have a state of that name. */
const anywhere: ReadonlyMap<string, string> = onlyOnes();

function onlyOnes(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, code] of [...tables.values()].flatMap(({ names }) => [...names]))
    if (name.length > 3) found.set(name, found.has(name) ? '' : code);
  return found;
}
