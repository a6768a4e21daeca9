// Which row of a table beside images belongs to each of them.
import { AppError } from '#shared/errors';
import { textOf } from '#core/datasets/labelSets';
import type { Table } from '#core/datasets/table';
import type { LabelledImage } from './ImageLabels.ts';
import { imagePlaces } from './imagePlaces.ts';

const imageColumns = ['image', 'file', 'filename', 'file_name', 'path', 'name'];

/** Every image must have one row, and every row its image. Throws BAD_DATA naming file and row. */
export function rowsOfImages(table: Table, fileName: string, images: readonly LabelledImage[], imageColumn: string | null): (index: number) => number {
  const column = table.columns.find(({ name }) => (imageColumn === null ? imageColumns.includes(name.toLowerCase()) : name === imageColumn));
  if (!column) throw new AppError('BAD_DATA', `${fileName} has no column ${imageColumn === null ? 'that names the image of each row' : `"${imageColumn}", which dataset.yaml names as image_column`}.`, { hint: `Name it image, or set image_column. Columns: ${table.columns.slice(0, 40).map(({ name }) => name).join(', ')}.` });
  const placeOf = imagePlaces(images);
  const rows: (number | undefined)[] = images.map(() => undefined);
  for (let row = 0; row < table.length; row++) {
    const name = (textOf(column, row) ?? '').replaceAll('\\', '/');
    const index = placeOf(name);
    if (index === null) throw new AppError('BAD_DATA', `${fileName}, ${table.rowName(row)}: the image "${name.slice(0, 120)}" is not there.`, { hint: 'Copy it into the folder of the images, or remove the row.' });
    if (rows[index] !== undefined) throw new AppError('BAD_DATA', `${fileName}, ${table.rowName(row)}: the image "${name.slice(0, 120)}" has a row already.`, { hint: 'Keep one of the rows.' });
    rows[index] = row;
  }
  const missing = rows.indexOf(undefined);
  if (missing >= 0) throw new AppError('BAD_DATA', `The image ${images[missing]?.name ?? ''} has no row in ${fileName}.`, { hint: 'Add the row, or remove the image.' });
  return (index) => rows[index] ?? 0;
}
