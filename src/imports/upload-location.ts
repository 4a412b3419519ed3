const LOCATION = 'upload://';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Where bills or logs that were sent under a name are imported from. */
export function uploadLocation(name: string): string {
  return `${LOCATION}${name}`;
}

/** Undefined for what is no such place. */
export function uploadedName(location: string): string | undefined {
  const name = location.startsWith(LOCATION) ? location.slice(LOCATION.length) : '';
  return isUploadName(name) ? name : undefined;
}

export function isUploadName(name: string): boolean {
  return NAME.test(name);
}
