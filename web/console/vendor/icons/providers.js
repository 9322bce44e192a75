// Tells icons which way the text runs, so that those that point along it turn round.
import { createContext, useContext } from 'react';

const Direction = createContext({ textDirection: 'ltr' });

export const IconDirectionContextProvider = Direction.Provider;
export const useIconContext = () => useContext(Direction);
