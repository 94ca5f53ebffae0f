/** A link that was just made, and whom it is for. */
export interface MadeLink {
  username: string;
  link: string;
}
