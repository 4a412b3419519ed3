/**
 * `make`, asked once for each object. The answer is kept as long as the object is: for objects that stay the same as long as
 * nothing about them changes, such as the caller of a credential.
 */
export function oncePer<Subject extends object, Made extends object | string>(
  make: (subject: Subject) => Made,
): (subject: Subject) => Made {
  const kept = new WeakMap<Subject, Made>();
  return (subject) => {
    let made = kept.get(subject);
    if (made === undefined) {
      made = make(subject);
      kept.set(subject, made);
    }
    return made;
  };
}
