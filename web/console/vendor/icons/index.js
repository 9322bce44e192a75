// The icons that Fluent's own components draw, drawn anew as strokes on a grid of 20. Its other 20,000 are not installed;
// the console's icons stand in src/kit/icons.
import { createElement } from 'react';
import { useIconContext } from './providers.js';

export const iconFilledClassName = 'fui-Icon-filled';
export const iconRegularClassName = 'fui-Icon-regular';

function draw(path, size, weight, solid) {
  const pointsAlong = path === ChevronLeft || path === ChevronRight;
  return function Icon({ className, primaryFill = 'currentColor', filled: _, title, style, ...rest }) {
    const turned = useIconContext().textDirection === 'rtl' && pointsAlong;
    const side = size ? `${size}px` : '1em';
    const name = title ?? rest['aria-label'];
    return createElement(
      'svg',
      { viewBox: '0 0 20 20', width: side, height: side, fill: solid ? primaryFill : 'none', stroke: primaryFill, strokeWidth: weight,
        strokeLinecap: 'round', strokeLinejoin: 'round', className: className ? `fui-Icon ${className}` : 'fui-Icon',
        style: { display: 'inline', lineHeight: 0, transform: turned ? 'scaleX(-1)' : undefined, ...style }, role: name ? 'img' : undefined, 'aria-hidden': name ? undefined : true, ...rest },
      createElement('path', { d: path }),
    );
  };
}

export function bundleIcon(Filled, Regular) {
  return function Icon({ filled, primaryFill, ...rest }) {
    return createElement(filled ? Filled : Regular, { primaryFill, ...rest });
  };
}

const ArrowDown = 'M10 3v13M4.5 10.5 10 16l5.5-5.5';
const ArrowUp = 'M10 17V4M4.5 9.5 10 4l5.5 5.5';
const Checkmark = 'M4 10.5l4 4 8-9';
const CheckmarkCircle = 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM6.5 10.2l2.5 2.5 4.7-5';
const ChevronDown = 'M4.5 7.5 10 13l5.5-5.5';
const ChevronLeft = 'M12.5 4.5 7 10l5.5 5.5';
const ChevronRight = 'M7.5 4.5 13 10l-5.5 5.5';
const ChevronUp = 'M4.5 12.5 10 7l5.5 5.5';
const Circle = 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14z';
const DiamondDismiss = 'M10 2l8 8-8 8-8-8zM7.5 7.5l5 5m0-5-5 5';
const Dismiss = 'M4.5 4.5l11 11m0-11-11 11';
const DismissCircle = 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM7 7l6 6m0-6-6 6';
const Info = 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM10 9v5M10 6.2v.01';
const Lightbulb = 'M7.5 14.5h5M8 17h4M10 2.5a5 5 0 0 0-3 9l.5 3h5l.5-3a5 5 0 0 0-3-9z';
const MoreHorizontal = 'M5 10h.01M10 10h.01M15 10h.01';
const Navigation = 'M3 5.5h14M3 10h14M3 14.5h14';
const PauseCircle = 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM8 7v6M12 7v6';
const Person = 'M10 3a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM4 17c0-3 2.5-4.5 6-4.5s6 1.5 6 4.5';
const Pin = 'M7 3h6l-.5 5 2.5 3H5l2.5-3zM10 11v6';
const PlayCircle = 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM8.5 7l4.5 3-4.5 3z';
const Prohibited = 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM5 5l10 10';
const Search = 'M12.8 12.8 17 17M8.5 3a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z';
const Square = 'M4 4h12v12H4z';
const Star = 'M10 2.5l2.3 4.8 5.2.7-3.8 3.7.9 5.2L10 14.4l-4.6 2.5.9-5.2L2.5 8l5.2-.7z';
const Warning = 'M10 3 18 17H2zM10 8v4.5M10 14.7v.01';
const Disc = 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14z';

export const ArrowDownRegular = /* @__PURE__ */ draw(ArrowDown, 0, 1.3, false);
export const ArrowUpRegular = /* @__PURE__ */ draw(ArrowUp, 0, 1.3, false);
export const Checkmark12Filled = /* @__PURE__ */ draw(Checkmark, 12, 2, false);
export const Checkmark16Filled = /* @__PURE__ */ draw(Checkmark, 16, 2, false);
export const CheckmarkCircle12Filled = /* @__PURE__ */ draw(CheckmarkCircle, 12, 2, false);
export const CheckmarkCircleFilled = /* @__PURE__ */ draw(CheckmarkCircle, 0, 2, false);
export const CheckmarkFilled = /* @__PURE__ */ draw(Checkmark, 0, 2, false);
export const ChevronDown16Regular = /* @__PURE__ */ draw(ChevronDown, 16, 1.3, false);
export const ChevronDown20Regular = /* @__PURE__ */ draw(ChevronDown, 20, 1.3, false);
export const ChevronDownRegular = /* @__PURE__ */ draw(ChevronDown, 0, 1.3, false);
export const ChevronLeftFilled = /* @__PURE__ */ draw(ChevronLeft, 0, 2, false);
export const ChevronLeftRegular = /* @__PURE__ */ draw(ChevronLeft, 0, 1.3, false);
export const ChevronRight12Regular = /* @__PURE__ */ draw(ChevronRight, 12, 1.3, false);
export const ChevronRightFilled = /* @__PURE__ */ draw(ChevronRight, 0, 2, false);
export const ChevronRightRegular = /* @__PURE__ */ draw(ChevronRight, 0, 1.3, false);
export const ChevronUp16Regular = /* @__PURE__ */ draw(ChevronUp, 16, 1.3, false);
export const CircleFilled = /* @__PURE__ */ draw(Circle, 0, 2, true);
export const DiamondDismiss12Filled = /* @__PURE__ */ draw(DiamondDismiss, 12, 2, false);
export const DiamondDismissFilled = /* @__PURE__ */ draw(DiamondDismiss, 0, 2, false);
export const Dismiss12Regular = /* @__PURE__ */ draw(Dismiss, 12, 1.3, false);
export const Dismiss20Regular = /* @__PURE__ */ draw(Dismiss, 20, 1.3, false);
export const DismissCircleFilled = /* @__PURE__ */ draw(DismissCircle, 0, 2, false);
export const DismissFilled = /* @__PURE__ */ draw(Dismiss, 0, 2, false);
export const DismissRegular = /* @__PURE__ */ draw(Dismiss, 0, 1.3, false);
export const Info12Filled = /* @__PURE__ */ draw(Info, 12, 2, false);
export const Info12Regular = /* @__PURE__ */ draw(Info, 12, 1.3, false);
export const Info16Filled = /* @__PURE__ */ draw(Info, 16, 2, false);
export const Info16Regular = /* @__PURE__ */ draw(Info, 16, 1.3, false);
export const Info20Filled = /* @__PURE__ */ draw(Info, 20, 2, false);
export const Info20Regular = /* @__PURE__ */ draw(Info, 20, 1.3, false);
export const InfoFilled = /* @__PURE__ */ draw(Info, 0, 2, false);
export const Lightbulb16Regular = /* @__PURE__ */ draw(Lightbulb, 16, 1.3, false);
export const MoreHorizontalFilled = /* @__PURE__ */ draw(MoreHorizontal, 0, 2, false);
export const MoreHorizontalRegular = /* @__PURE__ */ draw(MoreHorizontal, 0, 1.3, false);
export const Navigation20Filled = /* @__PURE__ */ draw(Navigation, 20, 2, false);
export const PauseCircleRegular = /* @__PURE__ */ draw(PauseCircle, 0, 1.3, false);
export const PersonRegular = /* @__PURE__ */ draw(Person, 0, 1.3, false);
export const Pin20Regular = /* @__PURE__ */ draw(Pin, 20, 1.3, false);
export const PlayCircleRegular = /* @__PURE__ */ draw(PlayCircle, 0, 1.3, false);
export const ProhibitedFilled = /* @__PURE__ */ draw(Prohibited, 0, 2, false);
export const SearchRegular = /* @__PURE__ */ draw(Search, 0, 1.3, false);
export const Square12Filled = /* @__PURE__ */ draw(Square, 12, 2, true);
export const Square16Filled = /* @__PURE__ */ draw(Square, 16, 2, true);
export const StarFilled = /* @__PURE__ */ draw(Star, 0, 2, true);
export const StarRegular = /* @__PURE__ */ draw(Star, 0, 1.3, false);
export const Warning12Filled = /* @__PURE__ */ draw(Warning, 12, 2, false);
export const WarningFilled = /* @__PURE__ */ draw(Warning, 0, 2, false);
export const PresenceAvailable10Filled = /* @__PURE__ */ draw(Disc, 10, 2, true);
export const PresenceAvailable10Regular = /* @__PURE__ */ draw(Disc, 10, 2, false);
export const PresenceAvailable12Filled = /* @__PURE__ */ draw(Disc, 12, 2, true);
export const PresenceAvailable12Regular = /* @__PURE__ */ draw(Disc, 12, 2, false);
export const PresenceAvailable16Filled = /* @__PURE__ */ draw(Disc, 16, 2, true);
export const PresenceAvailable16Regular = /* @__PURE__ */ draw(Disc, 16, 2, false);
export const PresenceAvailable20Filled = /* @__PURE__ */ draw(Disc, 20, 2, true);
export const PresenceAvailable20Regular = /* @__PURE__ */ draw(Disc, 20, 2, false);
export const PresenceAway10Filled = /* @__PURE__ */ draw(Disc, 10, 2, true);
export const PresenceAway10Regular = /* @__PURE__ */ draw(Disc, 10, 2, false);
export const PresenceAway12Filled = /* @__PURE__ */ draw(Disc, 12, 2, true);
export const PresenceAway12Regular = /* @__PURE__ */ draw(Disc, 12, 2, false);
export const PresenceAway16Filled = /* @__PURE__ */ draw(Disc, 16, 2, true);
export const PresenceAway16Regular = /* @__PURE__ */ draw(Disc, 16, 2, false);
export const PresenceAway20Filled = /* @__PURE__ */ draw(Disc, 20, 2, true);
export const PresenceAway20Regular = /* @__PURE__ */ draw(Disc, 20, 2, false);
export const PresenceBlocked10Filled = /* @__PURE__ */ draw(Disc, 10, 2, true);
export const PresenceBlocked10Regular = /* @__PURE__ */ draw(Disc, 10, 2, false);
export const PresenceBlocked12Filled = /* @__PURE__ */ draw(Disc, 12, 2, true);
export const PresenceBlocked12Regular = /* @__PURE__ */ draw(Disc, 12, 2, false);
export const PresenceBlocked16Filled = /* @__PURE__ */ draw(Disc, 16, 2, true);
export const PresenceBlocked16Regular = /* @__PURE__ */ draw(Disc, 16, 2, false);
export const PresenceBlocked20Filled = /* @__PURE__ */ draw(Disc, 20, 2, true);
export const PresenceBlocked20Regular = /* @__PURE__ */ draw(Disc, 20, 2, false);
export const PresenceBusy10Filled = /* @__PURE__ */ draw(Disc, 10, 2, true);
export const PresenceBusy10Regular = /* @__PURE__ */ draw(Disc, 10, 2, false);
export const PresenceBusy12Filled = /* @__PURE__ */ draw(Disc, 12, 2, true);
export const PresenceBusy12Regular = /* @__PURE__ */ draw(Disc, 12, 2, false);
export const PresenceBusy16Filled = /* @__PURE__ */ draw(Disc, 16, 2, true);
export const PresenceBusy16Regular = /* @__PURE__ */ draw(Disc, 16, 2, false);
export const PresenceBusy20Filled = /* @__PURE__ */ draw(Disc, 20, 2, true);
export const PresenceBusy20Regular = /* @__PURE__ */ draw(Disc, 20, 2, false);
export const PresenceDnd10Filled = /* @__PURE__ */ draw(Disc, 10, 2, true);
export const PresenceDnd10Regular = /* @__PURE__ */ draw(Disc, 10, 2, false);
export const PresenceDnd12Filled = /* @__PURE__ */ draw(Disc, 12, 2, true);
export const PresenceDnd12Regular = /* @__PURE__ */ draw(Disc, 12, 2, false);
export const PresenceDnd16Filled = /* @__PURE__ */ draw(Disc, 16, 2, true);
export const PresenceDnd16Regular = /* @__PURE__ */ draw(Disc, 16, 2, false);
export const PresenceDnd20Filled = /* @__PURE__ */ draw(Disc, 20, 2, true);
export const PresenceDnd20Regular = /* @__PURE__ */ draw(Disc, 20, 2, false);
export const PresenceOffline10Filled = /* @__PURE__ */ draw(Disc, 10, 2, true);
export const PresenceOffline10Regular = /* @__PURE__ */ draw(Disc, 10, 2, false);
export const PresenceOffline12Filled = /* @__PURE__ */ draw(Disc, 12, 2, true);
export const PresenceOffline12Regular = /* @__PURE__ */ draw(Disc, 12, 2, false);
export const PresenceOffline16Filled = /* @__PURE__ */ draw(Disc, 16, 2, true);
export const PresenceOffline16Regular = /* @__PURE__ */ draw(Disc, 16, 2, false);
export const PresenceOffline20Filled = /* @__PURE__ */ draw(Disc, 20, 2, true);
export const PresenceOffline20Regular = /* @__PURE__ */ draw(Disc, 20, 2, false);
export const PresenceOof10Filled = /* @__PURE__ */ draw(Disc, 10, 2, true);
export const PresenceOof10Regular = /* @__PURE__ */ draw(Disc, 10, 2, false);
export const PresenceOof12Filled = /* @__PURE__ */ draw(Disc, 12, 2, true);
export const PresenceOof12Regular = /* @__PURE__ */ draw(Disc, 12, 2, false);
export const PresenceOof16Filled = /* @__PURE__ */ draw(Disc, 16, 2, true);
export const PresenceOof16Regular = /* @__PURE__ */ draw(Disc, 16, 2, false);
export const PresenceOof20Filled = /* @__PURE__ */ draw(Disc, 20, 2, true);
export const PresenceOof20Regular = /* @__PURE__ */ draw(Disc, 20, 2, false);
export const PresenceUnknown10Filled = /* @__PURE__ */ draw(Disc, 10, 2, true);
export const PresenceUnknown10Regular = /* @__PURE__ */ draw(Disc, 10, 2, false);
export const PresenceUnknown12Filled = /* @__PURE__ */ draw(Disc, 12, 2, true);
export const PresenceUnknown12Regular = /* @__PURE__ */ draw(Disc, 12, 2, false);
export const PresenceUnknown16Filled = /* @__PURE__ */ draw(Disc, 16, 2, true);
export const PresenceUnknown16Regular = /* @__PURE__ */ draw(Disc, 16, 2, false);
export const PresenceUnknown20Filled = /* @__PURE__ */ draw(Disc, 20, 2, true);
export const PresenceUnknown20Regular = /* @__PURE__ */ draw(Disc, 20, 2, false);
