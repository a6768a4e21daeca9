// The icon of each place, in one table for rail and palette.
import { IconArrowsDownUp, IconBox, IconBuildingFactory2, IconCertificate, IconChecklist, IconCpu, IconHelpCircle, IconPhoto, IconServer, IconSettings, IconAdjustmentsHorizontal, type Icon } from '@tabler/icons-react';
import type { Place } from './routes.ts';

export const placeIcons: Readonly<Record<Place, Icon>> = {
  stations: IconBuildingFactory2, machine: IconCpu, models: IconBox, datasets: IconPhoto, optimise: IconAdjustmentsHorizontal, validate: IconChecklist, serving: IconServer, evidence: IconCertificate, transfer: IconArrowsDownUp, settings: IconSettings, help: IconHelpCircle,
};

export function PlaceIcon({ place, size = 17 }: { readonly place: Place; readonly size?: number }) {
  const Glyph = placeIcons[place];
  return <Glyph size={size} stroke={1.6} aria-hidden />;
}
