import { cleanText } from './text';

/** ISO 3166-1 alpha-2 of a country as people write it (`DE`, `DEU`, `germany`, `Deutschland`); empty when not understood. */
export function countryCode(text: string | undefined): string {
  return byName.get(plain(cleanText(text))) ?? '';
}

/** Without case, accents, dots, brackets and `the`, so that `The Netherlands`, `U.S.A.` and `Türkiye` are found. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/(?<=\p{Script=Latin})\p{M}+/gu, '')
    .normalize('NFC')
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()
    .replace(/^the (?=.)/, '')
    .replace(/^(?:(?:\p{L}) )+\p{L}$/u, (letters) => letters.replaceAll(' ', ''));
}

/** Languages whose names of countries are read; the tables are the ones of Unicode (CLDR) in Node. */
const languages =
  `en de fr es it pt nl sv da nb nn fi is pl cs sk hu ro bg hr sr sr-Latn sl mk sq el tr ru uk be lt lv et ga cy mt eu ca gl
   ar he fa ur hi bn ta te th vi id ms fil ko ja zh zh-Hant ka hy az kk uz mn sw af am lb`.split(/\s+/);

/** What the tables lack, code after name: long forms, parts that are taken for the whole, usual abbreviations. */
const others = `usa=US; us of a=US; united states of america=US; america=US; uk=GB; great britain=GB; england=GB; scotland=GB; wales=GB;
  northern ireland=GB; united kingdom of great britain and northern ireland=GB; britain=GB; gb=GB; holland=NL; brd=DE; ger=DE;
  federal republic of germany=DE; bundesrepublik deutschland=DE; republic of ireland=IE; eire=IE; prc=CN; people s republic of china=CN;
  mainland china=CN; peoples republic of china=CN; republic of china=TW; taiwan roc=TW; korea=KR; republic of korea=KR; korea republic of=KR;
  south korea=KR; north korea=KP; dprk=KP; uae=AE; emirates=AE; ksa=SA; kingdom of saudi arabia=SA; turkey=TR; turkiye=TR; republic of turkiye=TR;
  republic of turkey=TR; czech republic=CZ; ceska republika=CZ; slovak republic=SK; slovenska republika=SK; russian federation=RU;
  российская федерация=RU; рф=RU; hong kong=HK; hongkong=HK; hong kong sar=HK; macau=MO; macao=MO; 香港=HK; 澳門=MO; 澳门=MO;
  中华人民共和国=CN; 中國大陸=CN; 中国大陆=CN; 臺灣=TW; 대한민국=KR; 한국=KR; 日本国=JP; viet nam=VN; iran islamic republic of=IR;
  islamic republic of iran=IR; syrian arab republic=SY; lao pdr=LA; lao people s democratic republic=LA; bolivia plurinational state of=BO;
  venezuela bolivarian republic of=VE; tanzania united republic of=TZ; united republic of tanzania=TZ; moldova republic of=MD;
  republic of moldova=MD; brunei darussalam=BN; ivory coast=CI; burma=MM; cape verde=CV; swaziland=SZ; macedonia=MK; fyrom=MK;
  republic of north macedonia=MK; bosnia=BA; palestine=PS; state of palestine=PS; vatican=VA; holy see=VA; democratic republic of the congo=CD;
  congo kinshasa=CD; drc=CD; congo=CG; republic of the congo=CG; east timor=TL; kingdom of spain=ES; espana=ES; kingdom of the netherlands=NL;
  swiss confederation=CH; schweizerische eidgenossenschaft=CH; confoederatio helvetica=CH; republik osterreich=AT; hellas=GR;
  hellenic republic=GR; republic of poland=PL; rzeczpospolita polska=PL; republica argentina=AR; estados unidos mexicanos=MX;
  republic of india=IN; bharat=IN; new zealand aotearoa=NZ; republic of singapore=SG; republic of south africa=ZA; rsa=ZA; kosova=XK;
  eua=US; eeuu=US; ee uu=US; etats unis d amerique=US; vereinigtes konigreich=GB; grossbritannien=GB; reino unido=GB; kongeriget danmark=DK;
  konungariket sverige=SE; osterreich=AT; oesterreich=AT; tuerkei=TR; danemark=DK; rumaenien=RO; suedafrika=ZA; daenemark=DK`;

/** ISO 3166-1 alpha-3 and alpha-2, one after the other. */
const alpha3 = `ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ BDIBI BELBE BENBJ
  BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC CHECH
  CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO
  DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP
  GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR
  IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB LBRLR LBYLY LCALC LIELI
  LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ
  MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA
  PCNPN PERPE PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS
  SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG
  THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA VCTVC VENVE VGBVG
  VIRVI VNMVN VUTVU WLFWF WSMWS XKXXK YEMYE ZAFZA ZMBZM ZWEZW`;

function countryNames(): Map<string, string> {
  const names = new Map<string, string>();
  const add = (name: string, code: string): void => {
    const key = plain(name);
    if (key !== '' && !names.has(key)) names.set(key, code);
  };
  const addNames = (language: string, style: 'short' | 'long'): void => {
    const display = new Intl.DisplayNames([language], { type: 'region', fallback: 'none', style });
    for (const [, code] of pairs) add(display.of(code) ?? '', code);
  };
  const pairs = alpha3.split(/\s+/).map((pair) => [pair.slice(0, 3), pair.slice(3)] as const);
  for (const [, code] of pairs) add(code, code);
  for (const [long, code] of pairs) add(long, code);
  for (const pair of others.split(';')) add(pair.split('=')[0] ?? '', pair.split('=')[1]?.trim() ?? '');
  addNames('en', 'short');
  for (const language of languages) addNames(language, 'long');
  return names;
}

/** Plain names in all these languages → ISO 3166-1 alpha-2. */
const byName: ReadonlyMap<string, string> = countryNames();
