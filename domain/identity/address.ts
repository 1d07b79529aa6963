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
  readonly state: string;
}

/** Reads an address as typed in any order: `146 rue des Écoles`, `Calle Real, 42`, `Münchner Str. 36`. */
export function readAddress(typed: {
  readonly street?: string | undefined;
  readonly street2?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
}): Address {
  const words = foldedWords(typed.street);
  const second = foldedWords(typed.street2);
  return {
    street: nameOf(words),
    line: words.filter((word) => !/^\d/.test(word)).join(''),
    line2: nameOf(second),
    number: [...words, ...second].find((word) => /^\d/.test(word)) ?? '',
    postalCode: postalCode(typed.postalCode),
    city: cityOf(typed.city),
    state: foldedWords(typed.state).join(''),
  };
}

/** What a line of an address says beside its number, without the kind of street unless that is all. */
function nameOf(words: readonly string[]): string {
  const spelled = words.filter((word) => !/^\d/.test(word));
  return spelled.flatMap(withoutKind).join(' ') || spelled.join(' ');
}

/** A post code without country prefix and blanks, as `D-40706` and `EC1A 2LF` are typed. */
function postalCode(text: string | undefined): string {
  return foldedWords(text)
    .join('')
    .replace(/^(?:d|a|ch|f|l|b|nl|pl|es|it|cz|dk|se|fi)(?=\d{4,5}$)/, '');
}

function cityOf(text: string | undefined): string {
  const words = foldedWords(text).map((word) => (/^(?:saint|sankt|santa|san|st)$/.test(word) ? 'st' : word));
  const plain = words.join('');
  return cityNames.get(plain) ?? cityNames.get(words[0] ?? '') ?? plain;
}

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
const kinds: ReadonlySet<string> = new Set(
  `street st road rd avenue ave av avda avenida boulevard blvd bd lane ln l drive dr court ct place pl square sq terrace tce ter
   parkway pkwy highway hwy way circle cir crescent cres close cl grove gr gardens gdns parade pde esplanade loop row walk alley circuit cct
   strasse strase str s platz weg gasse allee ring rue r chemin ch impasse quai cours place route rte faubourg fbg
   calle c cl paseo plaza plza ronda carrera via viale v corso piazza p largo vicolo rua praca travessa estrada alameda
   ulica ul aleja al plac os osiedle ulice namesti trida nam tr straat laan weg plein gracht kade singel
   gatan vagen vej gade veien gate katu utca ut ter korut cadde caddesi cad sokak sokagi sk bulvar bulvari mah mahallesi no nr num n
   ulitsa prospekt pr per pereulok suite ste apt apartment unit flat floor fl etage bat building bldg
   de la le les des du del della di da do dos d the of und`
    .split(/\s+/)
    .map(fold),
);

/** Names of one city in other languages → its folded own name. */
const cityNames: ReadonlyMap<string, string> = new Map(
  `munich=munchen muenchen=munchen cologne=koln nuremberg=nurnberg hanover=hannover brunswick=braunschweig frankfurt=frankfurtammain frankfurtmain=frankfurtammain
   frankfurtam=frankfurtammain vienna=wien geneva=genf geneve=genf zurich=zurich lucerne=luzern basle=basel berne=bern
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
