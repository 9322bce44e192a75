// Shows text that strangers wrote, such as a subject or a display name: isolated in its direction, its hidden characters seen.
import { Fragment, memo } from 'react';
import { pieces, visible } from './visible';

/** What most text is made of: nothing in it hides or turns round. */
const PLAIN = /^[\x20-\x7e]*$/;

export const SafeText = memo(function SafeText({ text }: { text: string | null | undefined }) {
  if (!text) return null;
  if (PLAIN.test(text)) return <bdi title={text}>{text}</bdi>;
  return (
    <bdi title={visible(text)}>
      {pieces(text).map((piece, i) =>
        // The order is the identity: the same text is cut the same way.
        // eslint-disable-next-line react/no-array-index-key
        piece.mark ? <bdi key={i} className="hidden-mark">{piece.name}</bdi> : <Fragment key={i}>{piece.text}</Fragment>,
      )}
    </bdi>
  );
});
