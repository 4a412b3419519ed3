import { type ReactElement, useEffect, useState } from 'react';
import { Button } from '../../components/button.tsx';

/** Quick answers need no word about the wait. */
const QUIET_MS = 700;

/** How long the server has been asked, with the way to stop it: nothing while the answer comes quickly. */
export function Asking({ onCancel }: { readonly onCancel: () => void }): ReactElement | null {
  const [seconds, setSeconds] = useState(0);
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const quiet = setTimeout(() => setLong(true), QUIET_MS);
    const clock = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => {
      clearTimeout(quiet);
      clearInterval(clock);
    };
  }, []);
  if (!isLong) return null;
  return (
    <div className="asking" role="status">
      <span className="figures">Adding up … {seconds} s</span>
      <Button small onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
