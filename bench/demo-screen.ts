const codes = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const;

export type Style = keyof typeof codes;

/** Where the demo is shown. */
export interface Screen {
  line(text?: string): void;
  title(text: string): void;
  paint(style: Style, text: string): string;
}

/** Writes to a stream; coloured only on a terminal, and not when NO_COLOR is set to anything. */
export function createScreen(
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Screen {
  const noColour = env['NO_COLOR'];
  const coloured =
    stream.isTTY === true && (noColour === undefined || noColour === '') && env['TERM'] !== 'dumb';
  const paint = (style: Style, text: string): string =>
    coloured ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
  const line = (text = ''): void => {
    stream.write(`${text}\n`);
  };
  return { line, paint, title: (text) => line(`\n${paint('bold', text)}`) };
}
