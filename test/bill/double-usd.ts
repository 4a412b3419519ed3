/** A double's shortest decimal rounded to 1e-12, halves to even, by integer arithmetic alone. */
export function picoUsdOf(double: number): bigint {
  return roundedTo(12, double);
}

/** The same to another number of digits, as a count of the last one. */
export function roundedTo(fractionDigits: number, double: number): bigint {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
    `${double}`,
  )!;
  const digits = BigInt(whole + fraction);
  const scale = fraction.length - Number(exponent) - fractionDigits;
  if (scale <= 0) return signed(sign, digits * 10n ** BigInt(-scale));
  const unit = 10n ** BigInt(scale);
  const [quotient, twice] = [digits / unit, (digits % unit) * 2n];
  const isUp = twice > unit || (twice === unit && quotient % 2n === 1n);
  return signed(sign, isUp ? quotient + 1n : quotient);
}

function signed(sign: string, magnitude: bigint): bigint {
  return sign === '' ? magnitude : -magnitude;
}
