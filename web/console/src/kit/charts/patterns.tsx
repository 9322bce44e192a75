// Fillings that tell parts of a picture apart where colours do not: in the colour of the letters, each of another kind.

const SIZE = 8;
/** From solid to empty, in the order of the parts. */
const KINDS = [
  <rect key="solid" width={SIZE} height={SIZE} fill="currentColor" />,
  <path key="rising" d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="currentColor" strokeWidth={1.5} />,
  <circle key="dots" cx={4} cy={4} r={1.7} fill="currentColor" />,
  <path key="level" d="M0 4H8" stroke="currentColor" strokeWidth={2} />,
  <path key="crossed" d="M0 0L8 8M8 0L0 8" stroke="currentColor" strokeWidth={1.5} />,
  null,
];

const name = (id: string, i: number) => `${id}-filling-${i % KINDS.length}`;
export const patternFill = (id: string, i: number): string => `url(#${name(id, i)})`;

/** Stands once in the picture whose parts are filled. */
export const Patterns = ({ id }: { id: string }) => (
  <defs>
    {/* eslint-disable-next-line react/no-array-index-key */}
    {KINDS.map((kind, i) => <pattern key={i} id={name(id, i)} width={SIZE} height={SIZE} patternUnits="userSpaceOnUse">{kind}</pattern>)}
  </defs>
);
