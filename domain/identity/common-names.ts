import { fold } from './text';

/** Names that many people bear, of the languages leads come in; until an instance has counted its own (learn.ts). */
export const commonGiven: ReadonlySet<string> = names(`
  james john robert michael david william richard joseph thomas charles christopher daniel matthew anthony mark steven andrew paul
  joshua kenneth kevin brian george jason ryan jacob eric jonathan scott adam alex sam jack harry oliver test
  mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy sandra ashley emily kimberly emma olivia anna jane
  laura julia maria kate amy rachel hannah grace ada
  peter wolfgang klaus jürgen andreas stefan christian uwe bernd frank markus martin jan tobias sebastian lukas felix max hans karl
  sabine petra monika claudia susanne andrea nicole stefanie katrin katharina lena sophie marie christine
  jean pierre philippe nicolas julien alexandre laurent françois olivier camille léa chloé nathalie isabelle sylvie catherine
  antonio josé manuel francisco juan javier carlos miguel luis pablo sergio fernando carmen ana isabel marta cristina lucía elena
  giuseppe marco andrea francesco luca paolo matteo giulia chiara sara francesca valentina joão pedro tiago rui ana beatriz
  jan piotr andrzej krzysztof tomasz paweł marcin michał katarzyna agnieszka małgorzata anna joanna magdalena
  jeroen pieter johan willem sanne lars anders erik johan karin mikael mehmet mustafa ahmet ali ayşe fatma
  aleksandr sergey dmitry andrey ivan elena olga natalia tatiana wei min jing li lei yang hiroshi takashi kenji yuki akira minjun jihye
  mohammed ahmed omar fatima raj amit priya rahul sanjay
`);

export const commonFamily: ReadonlySet<string> = names(`
  smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas taylor
  moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young allen king wright scott
  green baker adams nelson hill campbell mitchell roberts carter evans edwards collins stewart morris cook rogers morgan cooper
  hughes wood doe test user
  müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann koch bauer richter klein wolf schröder neumann schwarz
  zimmermann braun krüger hofmann hartmann lange schmitt werner krause meier lehmann schmid maier köhler herrmann könig walter huber
  bernard dubois petit durand leroy moreau simon laurent lefebvre michel garcia david bertrand roux vincent fournier morel girard
  fernandez gomez ruiz diaz alvarez romero alonso gutierrez navarro torres dominguez vazquez ramos gil serrano blanco molina
  rossi russo ferrari esposito bianchi romano colombo ricci marino greco silva santos ferreira pereira oliveira costa rodrigues
  nowak kowalski wiśniewski wójcik kowalczyk kamiński lewandowski zieliński jansen de-vries bakker visser janssen
  andersson johansson karlsson nilsson eriksson larsson hansen jensen nielsen pedersen olsen korhonen virtanen
  yılmaz kaya demir çelik şahin öztürk ivanov petrov smirnov kuznetsov popov novák svoboda nagy kovács szabó popescu
  wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu kim park choi jung sato suzuki takahashi tanaka watanabe ito
  singh kumar sharma patel gupta khan ahmed ali nguyen tran
`);

function names(text: string): ReadonlySet<string> {
  return new Set(
    text
      .split(/\s+/)
      .map((name) => fold(name))
      .filter((name) => name !== ''),
  );
}
