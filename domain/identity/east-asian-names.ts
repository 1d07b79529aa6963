import { transliterate } from 'transliteration';

/**
 * A name with Chinese characters or Hangul in the Latin letters its bearer would use: Japanese and Korean names by table,
 * anything else in pinyin. A name typed as one word is taken apart into family and given name.
 * @param whole the text holds the whole name, family name first
 * @param japanese the family name is a Japanese one, so the given name is read as one
 */
export function latinReading(
  text: string,
  { whole, japanese }: { readonly whole: boolean; readonly japanese: boolean },
): string {
  const read = (run: string): string => readRun(run, japanese);
  return text.replace(runs, (run) => {
    if (!whole || text.trim() !== run) return ` ${read(run)} `;
    const cut = familyLength(run);
    return ` ${read(run.slice(0, cut))} ${read(run.slice(cut))} `;
  });
}

const runs = /[\p{Script=Han}々]+|\p{Script=Hangul}+/gu;

/** Whether the text holds characters whose reading depends on who bears the name. */
export const isEastAsian = (text: string): boolean => /\p{Script=Han}|\p{Script=Hangul}/u.test(text);

/** Whether the text holds kana, or begins with a family name that is written in Japan. */
export function isJapanese(text: string): boolean {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}々]/u.test(text)) return true;
  const run = text.match(runs)?.[0] ?? '';
  return run.length > 1 && families.has(run.slice(0, familyLength(run)));
}

function readRun(run: string, japanese: boolean): string {
  const hangul = /\p{Script=Hangul}/u.test(run);
  const known = japanese || hangul || families.has(run) ? readings.get(run) : undefined;
  return (
    known ??
    transliterate(run)
      .toLowerCase()
      .replace(/[^a-z]/g, '')
  );
}

/** Family names have one character in Chinese and Korean; others are looked up, longest first. */
function familyLength(run: string): number {
  for (const length of [3, 2]) if (run.length >= length && families.has(run.slice(0, length))) return length;
  return 1;
}

/** Characters → usual reading of family names of two or more characters; from general knowledge of the languages. */
const familyReadings =
  pairs(`佐藤 sato 鈴木 suzuki 高橋 takahashi 田中 tanaka 伊藤 ito 渡辺 watanabe 渡邊 watanabe 渡部 watanabe 山本 yamamoto 中村 nakamura
   小林 kobayashi 加藤 kato 吉田 yoshida 山田 yamada 佐々木 sasaki 山口 yamaguchi 松本 matsumoto 井上 inoue 木村 kimura 林 hayashi
   斎藤 saito 斉藤 saito 齋藤 saito 清水 shimizu 山崎 yamazaki 森 mori 池田 ikeda 橋本 hashimoto 阿部 abe 石川 ishikawa 山下 yamashita
   中島 nakajima 石井 ishii 小川 ogawa 前田 maeda 岡田 okada 長谷川 hasegawa 藤田 fujita 後藤 goto 近藤 kondo 村上 murakami 遠藤 endo
   青木 aoki 坂本 sakamoto 福田 fukuda 太田 ota 西村 nishimura 藤井 fujii 金子 kaneko 岡本 okamoto 藤原 fujiwara 中野 nakano
   三浦 miura 原田 harada 中川 nakagawa 松田 matsuda 竹内 takeuchi 小野 ono 田村 tamura 中山 nakayama 和田 wada 石田 ishida 森田 morita
   上田 ueda 原 hara 内田 uchida 柴田 shibata 酒井 sakai 宮崎 miyazaki 横山 yokoyama 高木 takagi 安藤 ando 宮本 miyamoto 大野 ono
   小島 kojima 谷口 taniguchi 工藤 kudo 今井 imai 高田 takada 増田 masuda 丸山 maruyama 杉山 sugiyama 村田 murata 大塚 otsuka
   新井 arai 小山 koyama 平野 hirano 河野 kono 藤本 fujimoto 上野 ueno 野口 noguchi 武田 takeda 松井 matsui 千葉 chiba 菅原 sugawara
   岩崎 iwasaki 久保 kubo 木下 kinoshita 佐野 sano 野村 nomura 松尾 matsuo 市川 ichikawa 菊地 kikuchi 菊池 kikuchi 杉本 sugimoto
   古川 furukawa 大西 onishi 島田 shimada 水野 mizuno 桜井 sakurai 高野 takano 吉川 yoshikawa 山内 yamauchi 西田 nishida 飯田 iida
   小松 komatsu 川口 kawaguchi 川崎 kawasaki 北村 kitamura 安田 yasuda 五十嵐 igarashi 本田 honda 久保田 kubota 中田 nakata 川村 kawamura
   平田 hirata 関 seki 中西 nakanishi 石原 ishihara 東 azuma 服部 hattori 浜田 hamada 辻 tsuji 大島 oshima 岩田 iwata 熊谷 kumagai
   樋口 higuchi 永井 nagai 荒木 araki 秋山 akiyama 大橋 ohashi 馬場 baba 矢野 yano 黒田 kuroda 土屋 tsuchiya 広瀬 hirose 松岡 matsuoka
   川上 kawakami 星野 hoshino 田口 taguchi 望月 mochizuki 吉村 yoshimura 尾崎 ozaki 早川 hayakawa 岡 oka 片山 katayama 内藤 naito 欧阳 ouyang 司马 sima 诸葛 zhuge 上官 shangguan 歐陽 ouyang`);

/** Characters → usual reading of Japanese given names and one-character family names, and of Korean family names. */
const otherReadings =
  pairs(`健 ken 健太 kenta 健一 kenichi 健二 kenji 賢治 kenji 太郎 taro 一郎 ichiro 次郎 jiro 三郎 saburo 翔 sho 翔太 shota 大輔 daisuke
   大樹 daiki 拓也 takuya 直樹 naoki 直人 naoto 和也 kazuya 達也 tatsuya 哲也 tetsuya 裕太 yuta 雄太 yuta 優太 yuta 裕子 yuko 優子 yuko
   誠 makoto 浩 hiroshi 博 hiroshi 宏 hiroshi 弘 hiroshi 浩二 koji 浩一 koichi 浩之 hiroyuki 隆 takashi 孝 takashi 崇 takashi 貴史 takashi
   修 osamu 豊 yutaka 勝 masaru 進 susumu 茂 shigeru 実 minoru 稔 minoru 明 akira 彰 akira 昭 akira 章 akira 清 kiyoshi 正 tadashi
   剛 tsuyoshi 亮 ryo 涼 ryo 蓮 ren 陸 riku 颯太 sota 悠真 yuma 陽翔 haruto 大和 yamato 海斗 kaito 勇気 yuki 幸 yuki 雪 yuki 友紀 yuki
   由紀 yuki 有紀 yuki 由美 yumi 裕美 hiromi 真由美 mayumi 恵美 emi 恵 megumi 恵子 keiko 敬子 keiko 慶子 keiko 圭子 keiko 陽子 yoko 洋子 yoko
   容子 yoko 花子 hanako 幸子 sachiko 和子 kazuko 京子 kyoko 恭子 kyoko 久美子 kumiko 美咲 misaki 美香 mika 美佳 mika 美穂 miho 美紀 miki
   美樹 miki 幹 miki 直美 naomi 直子 naoko 尚子 naoko 智子 tomoko 知子 tomoko 友子 tomoko 朋子 tomoko 真理 mari 麻里 mari 真理子 mariko
   麻衣 mai 舞 mai 愛 ai 彩 aya 綾 aya 亜矢 aya 綾子 ayako 彩香 ayaka 葵 aoi 結衣 yui 桜 sakura 凛 rin 陽菜 hina 莉子 riko 里佳 rika
   里香 rika 理恵 rie 理沙 risa 千代 chiyo 千夏 chinatsu 七夏 nanaka 夏美 natsumi 奈々 nana 奈美 nami 玲子 reiko 礼子 reiko 静香 shizuka
   静 shizuka 節子 setsuko 信子 nobuko 文子 fumiko 春子 haruko 秋子 akiko 明子 akiko 晶子 akiko 典子 noriko 紀子 noriko 香織 kaori 薫 kaoru
   学 manabu 聡 satoshi 智 satoshi 哲 satoshi 敏 satoshi 淳 jun 純 jun 潤 jun 順子 junko 純子 junko 純一 junichi 淳一 junichi 雅人 masato
   正人 masato 真人 masato 雅之 masayuki 英樹 hideki 秀樹 hideki 秀明 hideaki 英明 hideaki 信 makoto 真 makoto 一 hajime 昇 noboru 登 noboru
   治 osamu 徹 toru 透 toru 光 hikaru 翼 tsubasa 歩 ayumi 渉 wataru 航 wataru 武 takeshi 健司 kenji 剛志 tsuyoshi 洋平 yohei 洋介 yosuke
   陽介 yosuke 亮太 ryota 良太 ryota 俊介 shunsuke 俊 shun 駿 shun 慎一 shinichi 真一 shinichi 信一 shinichi 伸一 shinichi
   김 kim 이 lee 박 park 최 choi 정 jung 강 kang 조 cho 윤 yoon 장 jang 임 lim 한 han 오 oh 서 seo 신 shin 권 kwon 황 hwang 안 ahn
   송 song 류 ryu 홍 hong 전 jeon 고 ko 문 moon 손 son 양 yang 배 bae 백 baek 허 heo 유 yoo 남 nam 심 shim 노 roh 하 ha 곽 kwak
   성 sung 차 cha 주 joo 우 woo 구 koo 민 min 진 jin`);

const readings: ReadonlyMap<string, string> = new Map([...familyReadings, ...otherReadings]);
const families: ReadonlySet<string> = new Set(
  familyReadings.map(([characters]) => characters).filter(({ length }) => length > 1),
);

function pairs(text: string): readonly (readonly [string, string])[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.flatMap((word, place) => (place % 2 === 0 ? [[word, words[place + 1] ?? ''] as const] : []));
}
