// What stands typed in a field that takes words one by one, and was not taken yet, when its form is sent: it is taken then, or the
// form is not sent. Nothing that somebody typed is dropped without a word.
import { createContext, use, useEffect, useMemo, useRef } from 'react';

/** Takes what stands typed; false, and the field says why, where it cannot be taken. */
type Settle = () => boolean;
interface Typed { settle: Settle; focus: () => void }

/** The fields of one form. */
export const TypedFields = createContext<Set<Typed> | null>(null);

export function useTypedFields() {
  return useMemo(() => {
    const fields = new Set<Typed>();
    const settle = (): boolean => {
      const wrong = [...fields].filter((field) => !field.settle());
      wrong[0]?.focus();
      return wrong.length === 0;
    };
    return { fields, settle };
  }, []);
}

/** For the field: where its form asks. The ref goes to the box one types in. */
export function useSettle(settle: Settle) {
  const fields = use(TypedFields);
  const box = useRef<HTMLInputElement>(null);
  const latest = useRef(settle);
  useEffect(() => {
    latest.current = settle;
  });
  useEffect(() => {
    if (!fields) return undefined;
    const field: Typed = { settle: () => latest.current(), focus: () => box.current?.focus() };
    fields.add(field);
    return () => void fields.delete(field);
  }, [fields]);
  return box;
}
