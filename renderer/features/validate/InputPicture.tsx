// One input as it is judged: a picture as large as it fits, or the values of a row.
import type { InputView } from '#shared/contract/inputView';

export function InputPicture({ input, height = 380 }: { readonly input: InputView; readonly height?: number }) {
  if (input.kind === 'image') {
    const small = Math.max(input.width, input.height) <= 160;
    return <img src={input.dataUrl} alt="The input that is judged" style={{ display: 'block', margin: '0 auto', maxWidth: '100%', height: small ? Math.min(height, 320) : undefined, maxHeight: height, imageRendering: small ? 'pixelated' : 'auto', borderRadius: 'var(--radius)' }} />;
  }
  return (
    <div style={{ maxHeight: height, overflow: 'auto' }} tabIndex={0} role="region" aria-label="The row that is judged">
      <table className="data static"><thead><tr><th scope="col">Column</th><th scope="col" className="num">Value</th></tr></thead><tbody>{input.values.map(({ name, value }, index) => <tr key={index}><td>{name}</td><td className="num"><code>{value}</code></td></tr>)}</tbody></table>
      {input.left > 0 && <p className="dim">and {input.left} more values</p>}
    </div>
  );
}
