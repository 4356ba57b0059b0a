/** Whether a text is a dYdX address: bech32 (BIP 173) with the prefix `dydx` and twenty bytes. */
const letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function checksum(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    generator.forEach((part, bit) => {
      if ((top >> bit) & 1) sum ^= part;
    });
  }
  return sum;
}

export function isAddress(text: string): boolean {
  if (!/^dydx1[a-z0-9]{38}$/.test(text)) return false;
  const prefix = [...'dydx'].map((letter) => letter.charCodeAt(0));
  const data = [...text.slice(5)].map((letter) => letters.indexOf(letter));
  if (data.includes(-1)) return false;
  return checksum([...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data]) === 1;
}
