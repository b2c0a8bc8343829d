/** A few numbers as bars, oldest first. The words say what they are. */

const HEIGHT = 22;
const BAR = 4;
const GAP = 1.5;

export function Sparkline({ values, label }: { values: number[]; label: string }) {
  const most = Math.max(1, ...values);
  const width = values.length * (BAR + GAP);
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={`${label}: ${values.join(', ')}`}>
      {values.map((value, place) => {
        const tall = value ? Math.max(2, (value / most) * HEIGHT) : 1;
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is known by its place alone
            key={place}
            x={place * (BAR + GAP)}
            y={HEIGHT - tall}
            width={BAR}
            height={tall}
            rx={1}
            fill={value ? 'var(--fl-applying)' : 'var(--fl-line)'}
            opacity={value ? 0.75 : 1}
          />
        );
      })}
    </svg>
  );
}
