import { cleanText, fold, foldedWords } from './text';

/**
 * Legal forms and words that say what kind of body a company is, not which one, by country; words of one form are joined
 * by a hyphen. Compared without dots and blanks, so `S.A. de C.V.` and `SA de CV` are one. From general knowledge.
 */
const forms = `
DE gmbh ag kg ohg ug gbr egbr ek ev eg kgaa mbh ggmbh gug gmbh-co-kg gmbh-und-co-kg und-co-kg ug-haftungsbeschrankt haftungsbeschrankt
  gesellschaft-mit-beschrankter-haftung aktiengesellschaft kommanditgesellschaft partg partgmbb mbb stiftung verein genossenschaft gesellschaft
AT gesmbh ges-mbh og keg eu
CH gmbh sagl klg
EU se ewiv eeig sce
US inc incorporated llc corp corporation co company llp lp pllc pc pa gp lllp dba and-co
GB ltd limited plc cic foundation
IE teoranta teo clg dac uc
CA ltee enr reg
AU pty pty-ltd nl proprietary
IN pvt private pvt-ltd opc
FR sa sarl sas sasu eurl snc sci scop scea selarl gie earl societe-anonyme societe cie ets et-cie
BE sprl bvba cvba vzw asbl scrl srl bv
NL bv nv vof cv maatschap stichting cooperatie
LU soparfi scsp
ES sl slu sll sau scp cb scoop sociedad-limitada sociedad-anonima sociedad
PT lda limitada unipessoal sgps
BR ltda eireli mei me epp
MX sa-de-cv srl-de-cv s-de-rl-de-cv s-de-rl sapi-de-cv sab-de-cv
PE sac eirl saa
CO sas esp
AR srl sacif
CL spa eirl
IT srls spa sapa snc sas ss societa-per-azioni scarl scpa onlus
PL sp-z-oo sp-zoo spolka sp-k sp-j spolka-akcyjna psa ska spolka-z-ograniczona-odpowiedzialnoscia sp-z-o zoo spolka-komandytowa
CZ sro spol-s-ro spol ks vos as spolecnost zs
SK sro akciova-spolocnost
HU kft rt zrt nyrt bt kkt
RO srl pfa
BG ood eood ad ead et
RS doo ad
HR doo jdoo dd
SI doo dd
UA tov pat prat fop zat
RU ooo oao zao pao ao ip
EE ou as
LV sia
LT uab mb ab
SE ab aktiebolag hb kb ab-publ publ ekonomisk-forening
NO asa ans da enk as
DK aps is ivs ps
FI ky oy oyj tmi
IS ehf hf sf
GR epe ae ike oe
TR as ltd-sti sti limited-sirketi anonim-sirketi sirketi san tic san-ve-tic sanayi ticaret sanayi-ve-ticaret ve-tic ve-ticaret
JP kk kabushiki-kaisha kabushiki gaisha kaisha yk godo gk
KR jusighoesa chusik-hoesa
CN co-ltd
SG pte
MY sdn-bhd sdn bhd berhad sendirian-berhad
ID pt tbk cv
TH pcl public-company
VN jsc tnhh
AE llc-fz fze fzco fz-llc wll
SA saog saoc psc ksc
IL bm
ZA cc soc npc
XX branch sucursal
`;

const joined = (form: string): string => foldedWords(form).join('');

const formsByCountry: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  forms
    .trim()
    .split(/\n(?=[A-Z])/)
    .map((line) => [line.slice(0, 2), new Set(line.slice(2).trim().split(/\s+/).map(joined))]),
);

const trailingForms: ReadonlySet<string> = new Set([...formsByCountry.values()].flatMap((some) => [...some]));

/** Forms that stand before the name; not those that also begin names (`SAS Institute`, `SC Johnson`). */
const leadingForms: ReadonlySet<string> = new Set(
  `ooo oao zao pao ao ip tov fop zat pat prat uab sia ou pt kk sarl eurl stichting firma fa phu pphu fhu
   kabushiki-kaisha cong-ty-tnhh cong-ty-co-phan cong-ty`
    .split(/\s+/)
    .map(joined),
);

/** Words that say what a company does: nobody is called by these alone. */
const trades: ReadonlySet<string> = new Set(
  `partners partner consulting consultants consultancy advisors advisory associates solutions services service systems
   technologies technology tech digital software engineering industries enterprises ventures capital investments
   management trading logistics transport cargo marketing media design studio studios labs research education
   health medicine medical pharma energy insurance finance financial security networks law legal`
    .split(/\s+/)
    .map(fold),
);

/** Forms in scripts without blanks between the words. */
const scriptForms =
  /株式会社|有限会社|合同会社|合資会社|\(株\)|\(有\)|股份有限公司|有限责任公司|有限責任公司|有限公司|集团|集團|公司|주식회사|유한회사|\(주\)|\(유\)|בע["״”]מ|شركة|บริษัท|จำกัด|\(มหาชน\)/g;

/** Words that add nothing to which company is meant. */
const fillers: ReadonlySet<string> = new Set(
  'the and und y e et i en og och a an of de der die das la le las les el il ve'.split(' '),
);

/** Words that name a part or the whole of a group; they tell little. */
const parts: ReadonlySet<string> = new Set(
  `group gruppe groupe grupo gruppo grupa holding holdings international intl global worldwide
   department dept abteilung division div team branch office hq headquarters niederlassung zentrale filiale sede`.split(
    /\s+/,
  ),
);

/** What is written short and does not begin like the word it stands for. */
const abbreviations: ReadonlyMap<string, string> = new Map(
  `mfg=manufacturing bros=brothers svcs=services svc=service mgmt=management mgt=management mktg=marketing natl=national
   hldgs=holdings grp=group ctr=center centre=center engg=engineering`
    .split(/\s+/)
    .map((pair) => pair.split('=') as [string, string]),
);

/**
 * The folded words of a company's name without legal form, place in brackets and filler; never nothing for a name.
 * @param country ISO 3166-1 alpha-2 of the lead, which tells its legal forms from names of the same letters
 */
export function companyCore(name: string, country = ''): readonly string[] {
  const whole = cleanText(name).replace(/[&+]/g, ' and ');
  const written = [whole.replace(scriptForms, ' ').replace(/\(.*?\)|\[.*?\]|\s[-–|/]\s.*$/g, ' '), whole]
    .map((text) => foldedWords(text).map((word) => abbreviations.get(word) ?? word))
    .find((some) => some.length > 0);
  const words = written ?? [];
  const core = withoutFillers(withoutForms(words, country));
  const kept = core.filter((word) => !parts.has(word));
  return [kept, core, words].find((some) => some.length > 0) ?? [];
}

/** A single letter is a filler only between words: `Joyas y Más`, not `Plan A` and `A & O`. */
const withoutFillers = (words: readonly string[]): readonly string[] =>
  words.filter((word, place) => {
    const between = [words[place - 1], words[place + 1]].every((other) => (other?.length ?? 0) > 1);
    return !fillers.has(word) || (word.length === 1 && !between);
  });

const isTrailing = (word: string): boolean => parts.has(word) || (fillers.has(word) && word.length > 1);

/** Legal forms stand at the end, now and then at the beginning; never all of a name. */
function withoutForms(words: readonly string[], country: string): readonly string[] {
  let rest = words;
  for (;;) {
    const cut =
      formLength(rest.length, (length) => trailingForms.has(rest.slice(-length).join(''))) ||
      (rest.length > 1 && isTrailing(rest.at(-1) ?? '') ? 1 : 0);
    if (cut === 0) break;
    rest = rest.slice(0, -cut);
  }
  const length = formLength(rest.length, (most) => leadingForms.has(rest.slice(0, most).join('')));
  const [form, name] = [rest.slice(0, length).join(''), rest.slice(length)];
  // A form stands before a name: `SIA Latvijas Finieris`. `SIA Partners` is a name, but of a lead from Latvia.
  const isName = name.every((word) => trades.has(word)) && formsByCountry.get(country)?.has(form) !== true;
  return isName ? rest : name;
}

/** How many words a form has, the longest first, one word of the name being left; 0 where there is none. */
const formLength = (words: number, isForm: (length: number) => boolean): number =>
  [7, 6, 5, 4, 3, 2, 1].find((length) => length < words && isForm(length)) ?? 0;
