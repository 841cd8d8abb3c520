/** The passwords that people choose most often, as leaks have shown them; attackers try these first. */
let known: Promise<ReadonlySet<string>> | undefined;

/** Whether the password is one of the most common ones (the list of `zxcvbn`, about 50,000), whatever its case. */
export async function isCommonPassword(password: string): Promise<boolean> {
  known ??= loadCommonPasswords();
  return (await known).has(password.toLowerCase());
}

/** Read when it is first needed: the start of the server should not wait for it. */
async function loadCommonPasswords(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common'].map((password) => password.toLowerCase()));
}
