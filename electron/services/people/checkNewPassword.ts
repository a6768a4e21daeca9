// What a new password must be: long enough, and not what anybody would try first.
import { minPasswordLength } from '#shared/contract/people';
import { AppError } from '#shared/errors';

/** BAD_INPUT with one reason; the sentence never holds the password. */
export function checkNewPassword(password: string, { user, printedName }: { readonly user: string; readonly printedName: string }): void {
  const text = password.normalize('NFKC');
  const plain = text.toLocaleLowerCase('en');
  const refuse = (message: string) => new AppError('BAD_INPUT', message, { hint: 'Take several words that do not belong together.' });
  if ([...text].length < minPasswordLength) throw refuse(`A password has at least ${minPasswordLength} characters.`);
  if (new Set(plain).size < 5) throw refuse('A password has at least five different characters.');
  if ([user, printedName, printedName.replace(/\s+/g, '')].some((name) => name.length >= 3 && plain.replaceAll(name.toLocaleLowerCase('en'), '').length < 6)) throw refuse('A password is not the name of its user.');
}
