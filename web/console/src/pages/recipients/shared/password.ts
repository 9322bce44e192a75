// The least a password must have, as the server wants it: the rule, the sentence and the check are this number.
export const PASSWORD_MIN = 8;
