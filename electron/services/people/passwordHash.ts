// Password hashes: scrypt (RFC 7914) with its parameters stored beside each hash, compared in constant time.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

export const passwordHashSchema = z.strictObject({ algorithm: z.literal('scrypt'), cost: z.number().int(), blockSize: z.number().int(), parallelization: z.number().int(), saltBase64: z.string(), hashBase64: z.string() });
export type PasswordHash = z.infer<typeof passwordHashSchema>;

/** How much work one try takes: N, r and p of scrypt. */
export type PasswordStrength = Pick<PasswordHash, 'cost' | 'blockSize' | 'parallelization'>;

/** N = 2^15, r = 8, p = 3: 32 MiB for each try, one of the settings of equal strength in OWASP's Password Storage Cheat Sheet. */
export const strengthForPeople: PasswordStrength = { cost: 2 ** 15, blockSize: 8, parallelization: 3 };
/** For passwords of 128 random bits and more, which nobody can try through however fast one try is. */
export const strengthForRandom: PasswordStrength = { cost: 2 ** 10, blockSize: 8, parallelization: 1 };

const keyBytes = 32;
const saltBytes = 16;

/** One password typed on two keyboards may come as different code points; NFKC makes them one (RFC 8265 does so with NFC, NIST SP 800-63B allows both). */
const bytesOf = (password: string) => Buffer.from(password.normalize('NFKC'), 'utf8');

const derive = (password: string, salt: Buffer, { cost, blockSize, parallelization }: PasswordStrength): Promise<Buffer> => new Promise((resolve, reject) => {
  // Node's limit of 32 MiB is just below what these parameters take (128 · N · r, and some).
  scrypt(bytesOf(password), salt, keyBytes, { N: cost, r: blockSize, p: parallelization, maxmem: 2 * 128 * cost * blockSize }, (error, key) => { if (error) reject(error); else resolve(key); });
});

export async function hashPassword(password: string, strength: PasswordStrength): Promise<PasswordHash> {
  const salt = randomBytes(saltBytes);
  const key = await derive(password, salt, strength);
  return { algorithm: 'scrypt', ...strength, saltBase64: salt.toString('base64'), hashBase64: key.toString('base64') };
}

/** null stands for a user that does not exist: it takes as long as one of this strength, and is never right. */
export async function isPasswordOf(stored: PasswordHash | null, password: string, strength: PasswordStrength): Promise<boolean> {
  const salt = stored === null ? randomBytes(saltBytes) : Buffer.from(stored.saltBase64, 'base64');
  const expected = stored === null ? randomBytes(keyBytes) : Buffer.from(stored.hashBase64, 'base64');
  const key = await derive(password, salt, stored ?? strength);
  return key.length === expected.length && timingSafeEqual(key, expected) && stored !== null;
}
