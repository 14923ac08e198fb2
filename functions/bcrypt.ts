// bcrypt password hashes (N. Provos, D. Mazières, "A Future-Adaptable Password Scheme", 1999): Blowfish
// with a key schedule that takes 2^cost rounds. Blowfish's tables are the fraction of pi in base 2^32
// (B. Schneier, "Description of a New Variable-Length Key, 64-Bit Block Cipher", 1993), which is
// computed here once by Machin's formula.

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const saltBytes = 16;
const keyBytesMax = 72;
const magic = 'OrpheanBeholderScryDoubt';

let piWords: Int32Array | undefined;

/** 18 words for P and four times 256 for S. */
function initialWords(): Int32Array {
  if (piWords !== undefined) return piWords;
  const wordCount = 18 + 1024;
  const guard = 64n;
  const bits = BigInt(wordCount * 32) + guard;
  const one = 1n << bits;
  const arctangentOfInverse = (n: bigint): bigint => {
    let term = one / n;
    let sum = term;
    for (let k = 3n, sign = -1n; term !== 0n; k += 2n, sign = -sign) {
      term /= n * n;
      sum += (sign * term) / k;
    }
    return sum;
  };
  const pi = 4n * (4n * arctangentOfInverse(5n) - arctangentOfInverse(239n));
  const digits = ((pi - 3n * one) >> guard).toString(16).padStart(wordCount * 8, '0');
  piWords = Int32Array.from({ length: wordCount }, (_, i) =>
    parseInt(digits.slice(i * 8, i * 8 + 8), 16),
  );
  return piWords;
}

class Blowfish {
  private readonly words: Int32Array;
  left = 0;
  right = 0;

  constructor() {
    this.words = initialWords().slice();
  }

  /** One block in `left` and `right`. */
  encrypt(): void {
    const { words } = this;
    let left = this.left ^ words[0];
    let right = this.right;
    for (let round = 1; round <= 16; round += 2) {
      right ^= this.mixed(left) ^ words[round];
      left ^= this.mixed(right) ^ words[round + 1];
    }
    this.left = right ^ words[17];
    this.right = left;
  }

  private mixed(value: number): number {
    const { words } = this;
    let sum = (words[18 + (value >>> 24)] + words[274 + ((value >>> 16) & 255)]) | 0;
    sum ^= words[530 + ((value >>> 8) & 255)];
    return (sum + words[786 + (value & 255)]) | 0;
  }

  /** Mixes a key into P, then replaces all tables by encryptions of zeros or of the salt. */
  expand(key: Int32Array, salt: Int32Array | undefined): void {
    const { words } = this;
    for (let i = 0; i < 18; i++) words[i] ^= key[i % key.length];
    this.left = 0;
    this.right = 0;
    for (let i = 0; i < words.length; i += 2) {
      if (salt !== undefined) {
        this.left ^= salt[i & 3];
        this.right ^= salt[(i + 1) & 3];
      }
      this.encrypt();
      words[i] = this.left;
      words[i + 1] = this.right;
    }
  }
}

/** 18 words that repeat the bytes. */
function cyclicWords(bytes: Uint8Array, count: number): Int32Array {
  const words = new Int32Array(count);
  for (let i = 0; i < count * 4; i++) {
    words[i >> 2] = (words[i >> 2] << 8) | bytes[i % bytes.length];
  }
  return words;
}

function encode(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const characters = Math.min(4, Math.ceil(((bytes.length - i) * 8) / 6));
    for (let k = 0; k < characters; k++) text += alphabet[(group >> (18 - k * 6)) & 63];
  }
  return text;
}

function decode(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(saltBytes);
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count >= 8 && at < saltBytes) {
      count -= 8;
      bytes[at++] = (bits >> count) & 255;
    }
  }
  return at === saltBytes ? bytes : undefined;
}

/** "$2a$06$" and 22 characters of salt. */
export function bcryptSalt(cost: number, random: Uint8Array): string {
  return `$2a$${String(cost).padStart(2, '0')}$${encode(random.slice(0, saltBytes))}`;
}

/** undefined: not a salt of bcrypt. `turn` is called between rounds and may throw. */
export function bcrypt(password: string, setting: string, turn: () => void): string | undefined {
  const match = /^\$2([axy])\$(\d\d)\$(.{22})/.exec(setting);
  const salt = match === null ? undefined : decode(match[3]);
  if (match === null || salt === undefined) return undefined;
  const cost = Number(match[2]);
  if (cost < 4 || cost > 31) return undefined;
  const key = cyclicWords(Buffer.from(`${password}\0`).subarray(0, keyBytesMax), 18);
  const saltWords = cyclicWords(salt, 18);
  const cipher = new Blowfish();
  cipher.expand(key, saltWords.slice(0, 4));
  for (let round = 2 ** cost; round > 0; round--) {
    turn();
    cipher.expand(key, undefined);
    cipher.expand(saltWords, undefined);
  }
  const result = Buffer.from(magic);
  for (let at = 0; at < result.length; at += 8) {
    cipher.left = result.readInt32BE(at);
    cipher.right = result.readInt32BE(at + 4);
    for (let i = 0; i < 64; i++) cipher.encrypt();
    result.writeInt32BE(cipher.left, at);
    result.writeInt32BE(cipher.right, at + 4);
  }
  // The last bits of the salt's last character do not count.
  const head = `$2${match[1]}$${match[2]}$${encode(salt)}`;
  return head + encode(result.subarray(0, 23));
}
