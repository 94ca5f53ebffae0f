/** The sample case, shut and ready to travel. */
export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <path
        d="M11.5 9.5V7.2c0-1.2 1-2.2 2.2-2.2h4.6c1.2 0 2.2 1 2.2 2.2v2.3"
        stroke="var(--accent)"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
      <rect x="3" y="9.5" width="26" height="17.5" rx="3.6" fill="var(--accent)" />
      <path d="M3 17.2h26" stroke="var(--surface)" strokeWidth="1.6" />
      <rect x="13" y="14.6" width="6" height="5.2" rx="1.5" fill="var(--surface)" />
      <rect x="14.9" y="16.4" width="2.2" height="1.7" rx="0.7" fill="var(--accent)" />
      <path d="M7 9.5V27M25 9.5V27" stroke="var(--surface)" strokeOpacity="0.35" strokeWidth="1.4" />
    </svg>
  );
}
