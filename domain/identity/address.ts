import { stateCode } from './state';
import { fold, foldedWords } from './text';

/** Where a person or an office is, folded for comparison; empty where the lead does not say. */
export interface Address {
  /** Name of the street without its kind. */
  readonly street: string;
  /** The street as typed with its kind, without blanks and numbers. */
  readonly line?: string;
  /** The second line (house, quarter, care of), or what the two lines say when they were swapped. */
  readonly line2: string;
  readonly number: string;
  readonly postalCode: string;
  readonly city: string;
  /** ISO 3166-2 where it is understood. */
  readonly state: string;
}

/**
 * Reads an address as typed in any order: `146 rue des Écoles`, `Calle Real, 42`, `Münchner Str. 36`. The country is an
 * ISO code.
 */
export function readAddress(typed: {
  readonly street?: string | undefined;
  readonly street2?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  readonly country?: string | undefined;
}): Address {
  const first = readLine(typed.street);
  const second = readLine(typed.street2);
  return {
    street: nameOf(first.words),
    line: first.words.join(''),
    line2: nameOf(second.words),
    number: first.number ?? second.number ?? first.unit ?? second.unit ?? '',
    postalCode: postalCode(typed.postalCode),
    city: cityOf(typed.city),
    state: stateCode(typed.state, typed.country ?? '') || foldedWords(typed.state).join(''),
  };
}

interface Line {
  /** What is no number: `rue`, `ecoles`; also `5th` and `17` of `17. Juni`, which name the street. */
  readonly words: readonly string[];
  /** Of the house: `10`, `10a`. */
  readonly number?: string | undefined;
  /** Of the flat or floor: `3` of `Flat 3`. */
  readonly unit?: string | undefined;
}

function readLine(text: string | undefined): Line {
  const all = foldedWords(text?.replace(/#\s*(?=\d)/g, ' unit ')).map((word) => ordinals.get(word) ?? word);
  const words: string[] = [];
  let number: string | undefined;
  let unit: string | undefined;
  for (const [place, word] of all.entries()) {
    const before = all[place - 1] ?? '';
    if (!/^\d/.test(word) || namesStreet(all, place)) {
      // The last `a` of `10 a`.
      if (place === all.length - 1 && /^[a-h]$/.test(word) && before === number) number += word;
      else words.push(word);
    } else if (units.has(before)) unit ??= word;
    else number ??= word;
  }
  return { words, number, unit };
}

/** `5th Avenue`; beside another number also `17. Juni`, `9 de Julio` and `8 mai 1945`. */
function namesStreet(words: readonly string[], place: number): boolean {
  const number = words[place] ?? '';
  if (/^\d+(?:st|nd|rd|th)$/.test(number)) return true;
  const others = words.filter((word) => /^\d/.test(word)).length - 1;
  const [next = '', after = ''] = words.slice(place + 1);
  if (others > 0 && /^\d\d?$/.test(number)) return months.has(next) || (next === 'de' && months.has(after));
  return others > 1 && /^1[89]\d\d$/.test(number) && months.has(words[place - 1] ?? '');
}

/** What a line of an address says beside its number, without the kind of street unless that is all. */
function nameOf(words: readonly string[]): string {
  return words.flatMap(withoutKind).join(' ') || words.join(' ');
}

/** A post code without country prefix, blanks and the four digits more of the USA: `D-40706`, `EC1A 2LF`, `94105-1234`. */
function postalCode(text: string | undefined): string {
  const plain = (text ?? '').replace(/(?<=\d{5})\s*-\s*\d{4}\s*$/, '').replace('〒', '');
  return fold(foldedWords(plain).join('')).replace(countryPrefix, '');
}

const countryPrefix =
  /^(?:d|de|a|at|ch|li|f|fr|l|lu|b|be|nl|pl|e|es|i|it|cz|sk|dk|s|se|n|no|fi|fin|p|pt|h|hu|si|slo|hr|ro|bg|gr|lv|lt|ee|ua|md|mc|rs|tr)(?=\d{4,5}$|\d{4}[a-z]{2}$)/;

/** A city by its own name, without district number and what follows a comma: `Praha 4`, `Munich, Bavaria`. */
function cityOf(text: string | undefined): string {
  const head = (text ?? '').split(',').find((part) => foldedWords(part).length > 0) ?? '';
  const all = foldedWords(head);
  const named = all.filter((word) => !/^\d/.test(word) && word !== 'cedex');
  const words = (named.length > 0 ? named : all).map((word) => (saints.has(word) ? 'st' : word));
  const plain = fold(words.join(''));
  return cityNames.get(plain) ?? plain;
}

const saints: ReadonlySet<string> = new Set(['saint', 'sankt', 'santa', 'san', 'st']);

/** `Gartenstrasse` is `garten`, `str` and `rue` are nothing. */
function withoutKind(word: string): readonly string[] {
  if (kinds.has(word)) return [];
  const bare = word.replace(
    /(?<=..)(?:strasse|strase|straat|strat|str|gasse|weg|platz|allee|ring|gatan|vagen|vej|gade|veien|katu|tie|utca)$/,
    '',
  );
  return [bare];
}

/** Kinds of streets, units in a house and little words, folded. */
const kinds: ReadonlySet<string> = foldedSet(
  `street st road rd avenue ave av avda avenida boulevard blvd bd lane ln l drive dr court ct place pl square sq terrace tce ter
   parkway pkwy highway hwy way circle cir crescent cres close cl grove gr gardens gdns parade pde esplanade loop row walk alley circuit cct
   strasse strase str s platz weg gasse allee ring rue r chemin ch impasse quai cours place route rte faubourg fbg
   calle c cl paseo plaza plza ronda carrera via viale v corso piazza p largo vicolo rua praca travessa estrada alameda
   ulica ul aleja al plac os osiedle ulice namesti trida nam tr straat laan weg plein gracht kade singel
   gatan vagen vej gade veien gate katu utca ut ter korut cadde caddesi cad sokak sokagi sk bulvar bulvari mah mahallesi no nr num n
   ulitsa prospekt pr per pereulok suite ste apt apartment unit flat floor fl etage bat building bldg
   bis quater de la le les des du del della di da do dos d the of und`,
);

/** Words before the number of a flat, floor or room, folded. */
const units: ReadonlySet<string> = foldedSet(
  'suite ste apt apartment appartement appt app unit flat floor fl room rm etage piso puerta planta door top stiege wohnung whg interno scala lok bat building bldg',
);

/** Months that streets are named for in many languages, folded. */
const months: ReadonlySet<string> = foldedSet(
  `januar january janvier enero gennaio janeiro februar february fevrier febrero febbraio fevereiro märz march mars marzo março
   april avril abril aprile mai may mayo maggio maio juni june juin junio giugno junho juli july juillet julio luglio julho
   august août agosto september septembre septiembre settembre setembro oktober october octobre octubre ottobre outubro
   november novembre noviembre novembro dezember december décembre diciembre dicembre dezembro
   stycznia maja sierpnia września października listopada grudnia mei kwietnia czerwca lipca mart ekim eylül kasım ağustos nisan mayıs`,
);

const ordinals: ReadonlyMap<string, string> = new Map(
  'first=1st second=2nd third=3rd fourth=4th fifth=5th sixth=6th seventh=7th eighth=8th ninth=9th tenth=10th'
    .split(' ')
    .map((pair) => pair.split('=') as [string, string]),
);

/** Names of one city in other languages → its folded own name. */
const cityNames: ReadonlyMap<string, string> = new Map(
  `munich=munchen muenchen=munchen cologne=koln nuremberg=nurnberg hanover=hannover brunswick=braunschweig frankfurt=frankfurtammain frankfurtmain=frankfurtammain
   frankfurtam=frankfurtammain frankfurtm=frankfurtammain frankfurtanderoder=frankfurtoder frankfurtadoder=frankfurtoder frankfurtado=frankfurtoder vienna=wien geneva=genf geneve=genf zurich=zurich lucerne=luzern basle=basel berne=bern
   milan=milano rome=roma turin=torino florence=firenze naples=napoli venice=venezia genoa=genova bologne=bologna
   warsaw=warszawa cracow=krakow breslau=wroclaw danzig=gdansk posen=poznan stettin=szczecin prague=praha prag=praha brno=brunn
   lisbon=lisboa oporto=porto seville=sevilla saragossa=zaragoza corunna=acoruna lacoruna=acoruna
   copenhagen=kobenhavn kopenhagen=kobenhavn gothenburg=goteborg stockholm=stockholm helsinki=helsingfors
   brussels=brussel bruxelles=brussel antwerp=antwerpen anvers=antwerpen ghent=gent thehague=denhaag lahaye=denhaag sgravenhage=denhaag
   moscow=moskva moskau=moskva stpeterburg=stpetersburg petersburg=stpetersburg kiev=kyiv athens=athina bucharest=bucuresti belgrade=beograd
   istanbul=istanbul constantinople=istanbul izmir=izmir smyrna=izmir newyorkcity=newyork nyc=newyork ny=newyork
   sf=stfrancisco sanfran=stfrancisco la=losangeles philly=philadelphia mexico=mexicocity ciudaddemexico=mexicocity cdmx=mexicocity
   saopaulo=saopaulo bangalore=bengaluru bombay=mumbai calcutta=kolkata madras=chennai peking=beijing canton=guangzhou
   strassburg=strasbourg marseilles=marseille lyons=lyon nizza=nice`
    .split(/\s+/)
    .map((pair) => pair.split('=').map(fold) as [string, string]),
);

function foldedSet(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).map(fold));
}
