import { celTypes, describeType, isNumber, sameType } from './cel-types';
import type { CelType } from './cel-types';

/** Why an operator cannot work on its operands. */
export interface OperatorFault {
  readonly fault: string;
  readonly expected: string;
}

/** What a comparison or calculation gives; undefined for other operators. Names are the parser's. */
export function binaryResult(
  name: string,
  left: CelType,
  right: CelType,
): CelType | OperatorFault | undefined {
  if (name === '_==_' || name === '_!=_') return equality(left, right);
  const sign = name.replaceAll('_', '');
  if (comparisons.includes(name)) return comparison(sign, left, right);
  return arithmetic.includes(name) ? calculation(sign, left, right) : undefined;
}

const comparisons: readonly string[] = ['_<_', '_<=_', '_>_', '_>=_'];
const arithmetic: readonly string[] = ['_+_', '_-_', '_*_', '_/_', '_%_'];

/** CEL calls values of different types unequal: a rule that silently never applies, or always. */
function equality(left: CelType, right: CelType): CelType | OperatorFault {
  if (sameType(left, right)) return celTypes.truth;
  const fault = `compares ${describeType(left)} with ${describeType(right)}, which is never equal`;
  return { fault, expected: describeType(left) };
}

function comparison(sign: string, left: CelType, right: CelType): CelType | OperatorFault {
  const hasOrder = (type: CelType): boolean => isNumber(type) || type.kind === 'text' || type.kind === 'any';
  if (sameType(left, right) && hasOrder(left) && hasOrder(right)) return celTypes.truth;
  const fault = `${sign} compares ${describeType(left)} with ${describeType(right)}`;
  return { fault, expected: 'two numbers or two texts' };
}

function calculation(sign: string, left: CelType, right: CelType): CelType | OperatorFault {
  if (left.kind === 'any' || right.kind === 'any') return left.kind === 'any' ? right : left;
  const joins = sign === '+' && (left.kind === 'text' || left.kind === 'list');
  if (left.kind === right.kind && (isNumber(left) || joins)) return left;
  const fault = `${sign} combines ${describeType(left)} with ${describeType(right)}`;
  return { fault, expected: 'two whole numbers, or double(…) around the whole one' };
}
