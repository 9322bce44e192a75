// What the page reads of a session.
export interface AdminSession { Identity: string; User: string; ClientAddress: string; UserAgent: string | null; SignedIn: string; LastUsed: string; IdleEnd: string; End: string; IsCurrent: boolean }
