import { fold } from './text';

/**
 * Short and pet forms beside the names they stand for, circles end with a semicolon. A form may stand
 * in several circles: `alex` is Alexander and Alexandra. Collected from general knowledge of the languages named.
 */
const circles = `
# English;
abigail abby abbie gail; abraham abe bram; albert al bert bertie; alexander alex alec sandy sasha xander lex;
alexandra alex alexa sandra sandy lexi sasha; alfred alf alfie fred freddie; alice ali ally; amanda mandy; andrew andy drew; angela angie;
ann annie nan; anna annie nan; anne annie nan annette; anthony tony ant; antonia toni tony; archibald archie; arthur art artie; august gus augie;
augustus gus; barbara barb babs barbie; bartholomew bart; beatrice bea trixie; benjamin ben benny benji; bernard bernie; bradley brad;
bridget bridie biddy; calvin cal; cameron cam; caroline carrie caro; carolyn carol carrie; catherine cathy cat kate katie cath kitty kathy;
katherine kate katie kathy kat kit kitty kay; kathleen kathy kath kate katie; kathryn kathy kate katie kath; charles charlie chuck chas chip;
charlotte charlie lottie lotte; chester chet; christian chris; christina chris tina christy chrissy; christine chris chrissy tina christy;
christopher chris kit topher; clarence clare; clifford cliff; clinton clint; cornelius neil con; curtis curt; cynthia cindy; daniel dan danny;
danielle dani; david dave davy; deborah deb debbie debby debra; dennis denny den; diana di; dolores lola; dominic dom nick; donald don donnie;
dorothy dot dottie dolly dora; douglas doug; edgar ed eddie; edmund ed eddie ned ted; edward ed eddie ted ned teddy; edwin ed eddie;
eleanor ellie nell nora ella; elizabeth liz beth betty eliza lisa lizzie betsy libby liza bess elisabeth; emily em emmy; emma em; eugene gene;
evelyn evie eve; ezekiel zeke; florence flo flora; frances fran franny frankie; francis frank fran; franklin frank;
frederick fred freddie freddy fritz rick; gabriel gabe; gabrielle gabby gaby; gareth gary gaz; geoffrey geoff jeff; george georgie;
georgina georgie gina; gerald gerry jerry; gerard gerry; gilbert gil bert; gordon gord; gregory greg gregg; gwendolyn gwen wendy; harold harry hal;
harrison harry; harriet hattie harry; helen nell ellen nellie; henrietta etta hettie; henry harry hank hal; herbert herb bert; howard howie;
hubert hugh bert; irene renie; isaac ike zack; isabel bella izzy belle; isabella bella izzy belle; jacob jake; jacqueline jackie jacqui;
james jim jimmy jamie jem; jane jenny janie; janet jan; jason jay; jefferson jeff; jeffrey jeff; jennifer jen jenny jenn; jeremiah jerry;
jeremy jem jerry; jessica jess jessie; jill gillian; gillian gill jill; joan joanie; joanna jo; joanne jo; john jack johnny jon;
jonathan jon jonny john; joseph joe joey jo; josephine jo josie; joshua josh; joyce joy; judith judy judi; julia jules; julie jules; julian jules;
justin jus; kenneth ken kenny; kevin kev; kimberly kim kimberley; lawrence larry laurie lawrie; laurence larry laurie; leonard leo len lenny;
leroy roy lee; leslie les; lillian lil lily; lillie lily; linda lin lindy; louis lou louie; louise lou lulu; lucille lucy; luther lu; lydia liddy;
mabel may; madeline maddie maddy; marcus marc mark; margaret maggie meg peggy marge greta daisy madge; maria mary mia; marilyn lyn;
marjorie marge margie; martha marty patty; martin marty; mary molly polly may mamie; matilda tilly mattie; matthew matt matty; maureen mo;
maurice mo morrie; maxwell max; maximilian max maxi; megan meg; melanie mel; melissa mel missy lissa; melvin mel; meredith merry;
michael mike mick mickey mikey mitch; michelle shelly chelle; mildred millie milly; millicent millie; miriam mimi; mitchell mitch;
mohammed mo mohamed muhammad mohammad mehmet; nancy nan; natalie nat; nathan nate nat; nathaniel nate nat nathan; nicholas nick nicky nico;
nicole nicky nikki; norman norm; oliver ollie olly; olivia liv livvy; oscar ozzie; oswald oz ozzie; pamela pam; patricia pat patty trish tricia;
patrick pat paddy rick; paula polly; penelope penny; percival percy; peter pete; philip phil pip; phillip phil pip; phyllis phyl; priscilla cilla;
rachel rae; randall randy; randolph randy; raymond ray; rebecca becky becca; reginald reg reggie; richard rick dick rich richie ricky;
robert bob rob bobby robbie bert; roberta bobbie robbie; roderick rod; rodney rod; roger rodge; roland rolly; ronald ron ronnie; rosalind ros roz;
rosemary rose rosie; roxanne roxy; rudolph rudy; russell russ rusty; ruth ruthie; samantha sam sammy; samuel sam sammy; sandra sandy;
sarah sally sadie; sean shaun shawn; sebastian seb bastian basti; shirley shirl; sidney sid; silvester sly; simon si; solomon sol; sophia sophie;
stanley stan; stephanie steph stevie; stephen steve stevie; steven steve stevie; stuart stu; susan sue susie suzie; susannah sue; suzanne sue suzie;
sylvester sly; tamara tammy; teresa terry tess tessa resi; theresa terry tess tessa tracy resi; terence terry; terrence terry; thaddeus thad tad;
theodore ted teddy theo; thomas tom tommy; timothy tim timmy; tobias toby tobi; valerie val; vanessa nessa; veronica ronnie vera; victor vic;
victoria vicky tori vicki; vincent vince vinnie; virginia ginny ginger; vivian viv; wallace wally; walter walt wally; warren wally; wesley wes;
wilfred will wilf; wilhelmina mina minnie willa; william will bill billy willy liam; winifred winnie freddie; woodrow woody; yvonne evie;
zachary zach zack zak;
# German;
adelheid heidi; albrecht al; alexander alex axel; andreas andi andy; angelika geli angie; anneliese liese anni; annemarie anni annemie; anton toni;
barbara babsi barbel; benedikt ben bene; benjamin benni ben; bernhard bernd berni; bernhardine dina berna; brigitte gitte gitta biggi;
burkhard burkhart burki; christian chris christl; christiane chris christl jane; christine christl christa tine chris; christoph chris stoffel;
cornelia conny nelly; dieter didi; dietrich dieter; dominik dom nik; dorothea doro dora thea; eberhard ebbo hardy; eduard edi; elfriede friedel elfi;
elisabeth elli lisa liesel lisbeth sissi elsbeth else; emanuel mano; erika rika; ernst erni; ferdinand ferdi; florian flo; franziska franzi;
franz franzl; friedrich fritz friedel fred; gabriele gabi gaby; georg schorsch jorg; gerhard gerd; gertrud trudi gerti traudl; gottfried friedel;
gregor greg; gudrun gundi; gunther gunter gunni; hannelore hanne lore; hans hansi johann johannes; heinrich heinz heiner heini hein; helene leni lena;
helmut helmi helli; henriette jette; hermann manni; hildegard hilde; ilse ilsa; ingeborg inge; ingrid inge; irmgard irmi; isabell isa bella;
jakob jockel; joachim jochen achim jo; johann hans hannes jo; johanna hanna hanne; johannes hans hannes jo; josef sepp jupp jo beppo;
josefine josi fini; jurgen jurg; karl kalle carl; karoline line caro; karl-heinz kalle; katharina kathi kati katrin kat; klaus nikolaus;
klaudia claudi; konrad konni; kristina tina kris; kunigunde kuni; leonhard leo hardi; leonie leo; lieselotte liese lotte lilo; ludwig lutz wiggerl;
magdalena lena magda leni; manfred manni fred; margarete grete gretel margit greta gretchen; margarethe grete gretel margit; maria mia mitzi mariele;
marianne nanni; markus mark; martina tina; mathias matze hias matthias matti; matthias matze hias matti; maximilian max maxi;
michael michi michel mich; michaela michi; monika moni; nikolaus klaus niko nick; patrizia patty; peter pit; petra petzi; philipp phil fips;
raimund rai; regina gina; reinhard reini; reinhold reini holdi; renate rena nati; richard richie; robert robbi; roswitha rosi; rudiger rudi;
rudolf rudi rolf; rupert rupi; sabine bine biene; sebastian basti wastl bastian; siegfried sigi siggi; sieglinde linde; sigmund sigi; silvia silvi;
simone mone; stefan steff stef; stefanie steffi; susanne susi sanne; theodor theo; theresia resi; thomas tommi; ulrich uli ulli; ulrike uli rike ulli;
ursula uschi ulla; ute uta; valentin vale; veronika vroni; viktoria vicky; volker volki; waltraud traudl traudel; walter walt; wilfried willi;
wilhelm willi willy; wilhelmine minna mine; winfried winni; wolfgang wolf wolfi;
# French;
alexandre alex; alexandra alex sandra; anastasie nastia; antoine toine tony; bernadette bernie detta; beatrice bea; benjamin ben;
catherine cathy kathy; christelle chris; christophe chris tophe; claudine clo; dominique domi dom; emmanuel manu; emmanuelle manu;
elisabeth babette lise; fabrice fab; florence flo; francois fanfan; frederic fred; frederique fred; genevieve ginette; gerard gege; guillaume guigui;
guy guytou; helene leni; isabelle isa zabou; jacqueline jackie; jacques jacquot; jean-baptiste jb; jean-pierre jp; jean-claude jc; jean-francois jf;
josephine jo; laetitia laeti titia; laurent lolo lau; leonard leo; madeleine mado; marguerite margot; marie mimi; martine titine; mathieu mat;
michel mich michou; michele mimi; mireille mimi; monique momo; nathalie nath; nicolas nico; olivier oli; pascal pasca; pascale pasca; patrice pat;
philippe phil fifi; pierre pierrot; raphael raph; rene nene; sebastien seb; sophie so; stephane steph; stephanie steph fanny; sylvie syl; therese tete;
thibault titi thib; valerie val; vincent vince; veronique vero; virginie ginie; xavier xav; yves yvon;
# Spanish and Catalan;
alberto beto; alejandra ale sandra; alejandro alex ale jandro; alfonso fonso poncho; ana anita; angel angelito; antonia tona toni;
antonio tono toni antonito; asuncion asun; beatriz bea; bartolome bartolo tolo; carlos carlitos; carmen carmina mamen menchu; catalina cati lina;
concepcion concha conchi conchita; consuelo chelo; cristina cris tina; cristobal tobal; daniel dani; david davi; dolores lola loli; eduardo edu lalo;
emilio emi; encarnacion encarna; enrique quique kike; ernesto neto; esperanza espe; ester esteri; federico fede; felipe feli; fernando nando fer;
francisca paca paqui fran; francisco paco pancho fran curro kiko patxi; gabriel gabi; gabriela gabi; gonzalo gon; gregorio goyo; guadalupe lupe;
guillermo guille memo; gustavo gus tavo; ignacio nacho iñaki inaki; inmaculada inma; isabel isa chabela; jacinto chinto; javier javi; jesus chus suso;
joaquin quino ximo; jordi jorge; jorge coque; jose pepe josele chema; josefa pepa fina; jose-maria chema; jose-luis joselu pepelu;
juan juanito juancho; juan-carlos juanca; julio julito; leonor leo; lorenzo loren; lourdes lurdes; luis lucho luisito; luisa lu; magdalena magda lena;
manuel manolo manu manel; manuela manoli lola; margarita marga rita; maria mari marita; maria-jose marijo; maria-luisa marisa; maria-teresa maite;
mario mariete; mercedes merche; miguel migue miki; monserrat montse; montserrat montse; natividad nati; nicolas nico; norberto berto; pablo pablito;
patricia patri; pedro perico; pilar pili piluca; rafael rafa; rafaela rafi; ramon moncho; raquel raque; ricardo richi; roberto rober berto;
rodrigo rodri; rosario charo; rosa rosi; salvador salva; santiago santi yago diego chago; sebastian sebas; sergio serx; soledad sole; susana susi;
teresa tere maite; teofilo teo; tomas tomi; vicente vicen chente; victoria viqui toya; yolanda yoli;
# Italian;
alessandra ale sandra; alessandro ale sandro; andrea andy; antonella anto; antonio toni tonino nino; bartolomeo meo; beatrice bea bice;
caterina cate rina; costantino tino; cristina cri; domenico mimmo menico; elena lena; elisabetta betta lisa; emanuele manu lele; enrico rico;
federica fede; federico fede; ferdinando nando; filippo pippo; francesca franci franca; francesco franco checco ciccio cesco; gabriele lele gabri;
giacomo jack; giancarlo gianni; gianluca luca; giovanna gianna vanna; giovanni gianni nino vanni; giulia giuli; giuseppe beppe peppe pino peppino;
giuseppina pina giusy; gregorio greg; guglielmo memo; leonardo leo; lorenzo renzo lollo; luigi gigi gino; luisa isa; marco marcolino; maria mia;
margherita rita marghe; massimiliano max massi; massimo max massi; matteo teo; michele miki lele; nicola nico nick; paolo paolino; pasquale lino;
pietro piero; raffaele lele raf; roberto roby berto; rosaria sara; salvatore totò salvo toto turi; sebastiano seba; simone simo; stefania stefi;
stefano ste; teresa esa; tommaso tom maso; umberto berto; valentina vale; vincenzo enzo vinny; vittorio vito;
# Portuguese;
alexandre ale xande; ana aninha; antonio tonho toninho ze; bernardo be; carlos carlinhos; cristina cris; daniela dani; eduardo edu dudu;
fernanda nanda fe; fernando nando fe; filipe lipe; francisco chico quico; gabriela gabi; guilherme gui; gustavo guga gu; henrique rique;
isabel bel isa; joao joaozinho jao; joaquim quim; jose ze zeca; leonardo leo; leticia le; luciana lu; luis luisinho lula; manuel manel maneca;
marcelo celo; maria mariazinha; mariana mari; patricia pati; paulo paulinho; pedro pedrinho; rafael rafa; renata re; ricardo rica; roberto beto;
rodrigo digo; sebastiao tiao; teresa teca; thiago ti; vinicius vini;
# Polish;
adam adas; agnieszka aga agniesia; aleksander olek alek; aleksandra ola olenka; andrzej andrzejek jedrek; anna ania anka; antoni antek tosiek;
barbara basia baska; bartosz bartek; bartlomiej bartek; beata beatka; blazej blazejek; boguslaw bogus; bogumil bogus; bronislaw bronek;
czeslaw czesiek; damian damianek; danuta danka danusia; dariusz darek; dominik domin; dorota dorotka; edward edek; elzbieta ela elka; ewa ewka;
feliks felek; franciszek franek; grzegorz grzesiek grzes; halina halinka; henryk heniek; irena irka; iwona iwonka; jacek jacus jacenty; jadwiga jadzia;
jakub kuba; jan janek jas; janina janka; janusz januszek; jaroslaw jarek; jerzy jurek; joanna asia joasia aska; jozef jozek; juliusz julek;
justyna justynka; kacper kacperek; karol karolek; karolina karolinka; katarzyna kasia kaska; kazimierz kazik kazek; konrad konradek; krystyna krysia;
krzysztof krzysiek krzys; lech leszek; ludwik lutek; lukasz lukaszek; maciej maciek; magdalena magda madzia; malgorzata gosia malgosia goska;
marcin marcinek; marek mareczek; maria marysia maryska majka; mariusz mariuszek; marta martusia; mateusz mati; michal michalek misiek;
mieczyslaw mietek; mikolaj mikolajek miki; miroslaw mirek; monika monia; natalia natalka; pawel pawelek; piotr piotrek; przemyslaw przemek;
rafal rafalek; robert robus; roman romek; ryszard rysiek; slawomir slawek; stanislaw staszek stasiek; stefan stefek; sylwester sylwek; szymon szymek;
tadeusz tadek; teresa tereska; tomasz tomek; urszula ula; waclaw wacek; waldemar waldek; weronika weronka wera; wieslaw wiesiek; wiktor wiktorek;
witold witek; wladyslaw wladek; wlodzimierz wlodek; wojciech wojtek; zbigniew zbyszek; zdzislaw zdzisiek; zofia zosia zoska; zuzanna zuzia;
zygmunt zygmus;
# Czech and Slovak;
alzbeta bety eliska; antonin tonda; frantisek franta fero; hana hanka; jana janca; jaroslav jarda; jan honza jano janko; jiri jirka; josef pepa;
jozef jozo; karel kaja; katerina katka; ladislav lada laco; lukas luky; magdalena majda; marek mara; martin marto; michal misa miso; milan milanko;
miroslav mirek miro; ondrej ondra; pavel pavlik palo; petr peta; stanislav standa stano; stepan stepka; tomas tom; vaclav vasek; vladimir vlada vlado;
vojtech vojta; zdenek zdena; zuzana zuzka;
# Dutch;
adriaan ad arjan; antonius ton toon antoon; bartholomeus bart; catharina toos trijntje rina; cornelis cor kees; elisabeth els elly betsy;
franciscus frans; frederik freek fred; geertruida truus geertje; gerardus gerard gert geert; gerrit ger; hendrik henk hendrikus; hendrika riek;
hubertus huub bert; jacobus jaap koos cobus; jacob jaap; jan johannes; johanna annie jo hanneke; johannes jan johan hans joop; joseph jos jef;
josephus jos; lambertus bert lam; leendert leen; margaretha greet margriet; maria marie mieke rie ria; mattheus thijs matthijs; matthijs thijs;
nicolaas klaas nico; petronella nel nelly; petrus piet peter; pieter piet; theodorus theo dirk; wilhelmus willem wim; willem wim;
wilhelmina mina willy;
# Nordic;
aleksander alek; anders andy; andreas andy; birgitta gitta britta; carl calle kalle; elisabet lisa bettan; elisabeth lis lisbeth beth; erik erkki;
fredrik fred fredde; gunilla gunnel; gustav gustaf gurra; hans hasse; henrik henke; ingeborg inga; jakob jacke; jens jenne; johan jonne jojje;
johannes jojo hannes; karin kajsa; kristian krille kris; kristina stina kicki; lars lasse; lennart lenne; magnus mange; margareta greta maggan;
matthias matte; mikael micke mika; mikkel mik; niels nils; nikolaj nik; niklas nicke; olof olle; oskar ossi; per pelle; peter petter; robert robban;
rasmus ras; sofie fie; stefan steffe; susanne sanne; sven svenne; thomas tompa; tobias tobbe; torbjorn tobbe; ulf uffe; ulrika ulla; vilhelm ville;
antti antero; elina elli; heikki henrikki; juhani jussi juha; matti mathias; mikko mikael; tuomas tuomo;
# Hungarian and Romanian;
andras andris bandi; erzsebet erzsi bozsi; ferenc feri; gabor gabi; gyorgy gyuri; ilona ica ili; istvan pista isti; janos jani jancsi; jozsef jozsi;
katalin kati; laszlo laci; lajos lali; mihaly misi; sandor sanyi; tamas tomi; zoltan zoli; zsuzsanna zsuzsa zsuzsi; alexandru alex sandu;
constantin costel; gheorghe gigi ghita; ioan ionel nelu; mihai misu; nicolae nicu; vasile vasi; elena lenuta ileana;
# Russian, Ukrainian, Serbian, Croatian;
aleksandr sasha sanya shura alexander alexandr aleks alex; aleksandra sasha shura; aleksei alyosha lyosha alexey alexei aleksey; anastasiya nastya;
andrey andryusha; anna anya; anton tosha; boris borya; vasiliy vasya; viktor vitya; vitaliy vitalik; vladimir volodya vova; vladislav vlad;
vyacheslav slava; galina galya; gennadiy gena; georgiy gosha zhora; grigoriy grisha; dmitriy dima mitya; evgeniy zhenya eugene; evgeniya zhenya;
ekaterina katya katia; elena lena alena; elizaveta liza; ivan vanya; igor garik; irina ira; kirill kirya; konstantin kostya; kseniya ksyusha;
larisa lara; leonid lyonya; lyudmila lyuda luda; lyubov lyuba; maksim max maks; margarita rita; mariya masha marusya; marina marisha; mikhail misha;
nadezhda nadya; natalya natasha nata; natalia natasha nata; nikolay kolya; oksana ksana; oleg olezhka; olga olya; pavel pasha; pyotr petya petr;
roman roma; svetlana sveta lana; sergey seryozha serj; sofiya sonya sofia; stanislav stas; stepan styopa; tatyana tanya tatiana; timofey tima;
fyodor fedya; yulia yulya julia; yuriy yura yuri; yakov yasha; aleksandar aca sasa; dragan gaga; jovan jova; milorad mile; nikola nidzo;
slobodan sloba; stjepan stipe; tomislav tomo; zvonimir zvonko;
# Turkish, Greek, Indian;
abdullah apo; emine emos; fatma fatos; hatice hatos; huseyin huso; ibrahim ibo; ismail ismo; mehmet memo mehmed; mustafa mustik; suleyman sulo;
athanasios thanasis; dimitrios dimitris mitsos jim; eleni lena; evangelos vangelis; georgios giorgos yorgos george; ioannis yannis giannis john;
konstantinos kostas dinos costas; nikolaos nikos nick; panagiotis panos takis; spyridon spyros; vasilios vasilis bill; abhishek abhi; aditya adi;
deepak deep; krishna kris; lakshmi laxmi; rajesh raj; rakesh rocky; sanjay sanju; siddharth sid; vikram vicky; vishal vish;
`;

/** Folded name → numbers of the circles it stands in. */
const circlesOf: ReadonlyMap<string, readonly number[]> = (() => {
  const found = new Map<string, number[]>();
  circles.split(';').forEach((circle, number) => {
    const line = circle.trim();
    if (line.startsWith('#')) return;
    for (const name of new Set(line.split(' ').map((form) => fold(form))))
      if (name !== '') found.set(name, [...(found.get(name) ?? []), number]);
  });
  return found;
})();

/** Whether both can be forms of one name, such as `asia` and `joanna`. @param a folded @param b folded */
export function areForms(a: string, b: string): boolean {
  const others = circlesOf.get(b);
  return others !== undefined && (circlesOf.get(a)?.some((circle) => others.includes(circle)) ?? false);
}

/** Whether a word is a name that people are given or called, so that another such word is hardly a slip of it. @param name folded */
export const isGivenName = (name: string): boolean => circlesOf.has(name);

/** The first word of each circle a name stands in: what two forms have in common as a key. @param name folded */
export function formsOf(name: string): readonly string[] {
  return (circlesOf.get(name) ?? []).map((circle) => `n${String(circle)}`);
}
