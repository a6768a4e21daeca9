// Deutsche Namen der Metriken und der Einträge des Prüfpfads; der Bezeichner, nach dem man in Grenzwertdatei und Prüfpfad sucht, steht dahinter.
import type { Metric } from '#shared/contract/validation';

export const deMetrics: Readonly<Record<Metric, string>> = {
  accuracy: 'Treffergenauigkeit', accuracy_drop: 'Verlust an Treffergenauigkeit gegen die Referenz', precision: 'Genauigkeit', recall: 'Trefferquote', f1: 'F1-Maß', kappa: 'Cohens Kappa gegen die Beschriftungen', calibration_error: 'Erwarteter Kalibrierfehler', auroc_weighted: 'Fläche unter der ROC-Kurve, nach Proben je Klasse gewichtet', auroc_one_vs_one: 'Fläche unter der ROC-Kurve, Mittel über Klassenpaare', escape_rate: 'Schlupfrate', false_reject_rate: 'Pseudofehlerrate', flips: 'Geänderte Entscheidungen',
  sqnr_db: 'Signal-Rausch-Abstand der Quantisierung in dB', cosine: 'Kosinusähnlichkeit', max_abs_error: 'Größter absoluter Fehler', latency_p50_ms: 'Latenz p50 in ms', latency_p95_ms: 'Latenz p95 in ms', latency_p99_ms: 'Latenz p99 in ms', latency_p999_ms: 'Latenz p99.9 in ms',
  takt_ms: 'Takt in ms', throughput_per_s: 'Durchsatz je s', cold_start_ms: 'Kaltstart in ms', latency_drift_ms_per_min: 'Drift der Latenz in ms je Minute', temperature_slope_c_per_min: 'Steigung der Temperatur in °C je Minute', clock_slope_mhz_per_min: 'Steigung des Prozessortakts in MHz je Minute', provider_share: 'Anteil der Knoten beim Ausführungsanbieter', peak_rss_mb: 'Spitzenspeicher in MB', memory_estimate_ratio: 'Spitzenspeicher, gemessen durch geschätzt', size_mb: 'Modellgröße in MB',
  mae: 'Mittlerer absoluter Fehler', rmse: 'Wurzel des mittleren quadratischen Fehlers', r2: 'Bestimmtheitsmaß R²', subset_accuracy: 'Ganz richtige Beschriftungssätze', hamming_loss: 'Hamming-Verlust', micro_f1: 'F1 über alle Beschriftungen', macro_f1: 'F1, Mittel über die Beschriftungen',
  mean_iou: 'Mittlere IoU', mean_dice: 'Mittlerer Dice-Wert', pixel_accuracy: 'Treffergenauigkeit der Bildpunkte', auroc: 'Fläche unter der ROC-Kurve', average_precision: 'Mittlere Genauigkeit (AP)', pro: 'Überdeckung je Region', recall_at_1: 'Trefferquote beim ersten', recall_at_5: 'Trefferquote unter den ersten 5', recall_at_10: 'Trefferquote unter den ersten 10',
  mean_cosine: 'Mittlerer Kosinus zur Referenz', map_50: 'Mittelwert der mittleren Genauigkeit, IoU 0.50', map_50_95: 'Mittelwert der mittleren Genauigkeit, IoU 0.50 bis 0.95', map_small: 'Mittelwert der mittleren Genauigkeit, Rahmen bis 32 × 32 Bildpunkte', map_medium: 'Mittelwert der mittleren Genauigkeit, Rahmen bis 96 × 96 Bildpunkte', map_large: 'Mittelwert der mittleren Genauigkeit, größere Rahmen',
  box_escape_rate: 'Nicht gefundene Rahmen', image_escape_rate: 'Bilder mit Fehler, auf denen keiner gefunden wurde', image_false_reject_rate: 'Bilder ohne Fehler, auf denen einer gefunden wurde', false_alarms_per_image: 'Falsche Rahmen je Bild',
};

/** Was geschah, je Handlung des Prüfpfads. */
export const deActions: Readonly<Record<string, string>> = {
  'agreement.closed': 'Studie abgeschlossen', 'agreement.created': 'Studie angelegt', 'agreement.reported': 'Studie in den Bericht genommen', 'agreement.seated': 'Teilnahme begonnen', 'clock.jump': 'Uhr gesprungen',
  'court.closed': 'Urteile abgeschlossen', 'court.opened': 'Urteile eröffnet', 'court.reported': 'Urteile in den Bericht genommen', 'court.seated': 'Urteilende Person angemeldet',
  'dataset.add': 'Datensatz aufgenommen', 'dataset.open': 'Datensatz geöffnet', 'dataset.remove': 'Datensatz entfernt', 'dataset.seal': 'Datensatz versiegelt', 'deviation.closed': 'Abweichung abgeschlossen', 'deviation.opened': 'Abweichung eröffnet',
  'evidence.exported': 'Nachweis ausgegeben', 'evidence.attached': 'Dateien angehängt', 'evidence.refused': 'Unterschrift abgelehnt', 'evidence.detached': 'Anhänge entfernt', 'evidence.prepared': 'Nachweis erstellt', 'evidence.reviewed': 'Nachweis geprüft', 'evidence.approved': 'Nachweis freigegeben',
  'keys.backedUp': 'Schlüssel gesichert', 'keys.exported': 'Schlüssel ausgegeben', 'keys.moved': 'Schlüssel verlegt', 'keys.restored': 'Schlüssel wiederhergestellt', 'keys.rotated': 'Schlüssel gewechselt', 'limits.lock': 'Grenzwerte gesperrt',
  'model.changed': 'Modell geändert', 'model.imported': 'Modell eingelesen', 'model.quantized': 'Modell quantisiert', 'model.removed': 'Modell entfernt', 'model.renamed': 'Modell umbenannt',
  'people.added': 'Benutzer angelegt', 'people.changed': 'Benutzer geändert', 'people.passwordChanged': 'Passwort geändert', 'people.refused': 'Anmeldung abgelehnt',
  'settings.changed': 'Einstellungen geändert', 'station.forgotten': 'Station samt Containern aufgegeben', 'station.held': 'Station angehalten', 'station.promoted': 'Erprobte Version übernommen', 'station.recorder': 'Flugschreiber der Station eingestellt', 'station.recordingSaved': 'Aufzeichnung der Station gespeichert', 'station.released': 'Halt der Station aufgehoben', 'station.removedFromEngine': 'Station von den Containern genommen', 'station.restarted': 'Station neu gestartet',
  'station.rolledBack': 'Station zurückgesetzt', 'station.split': 'Aufteilung der Station geändert', 'station.started': 'Station gestartet', 'station.stopped': 'Station gestoppt',
  'station.changed': 'Station geändert', 'station.commissioned': 'Station in Betrieb genommen', 'station.created': 'Station angelegt', 'station.deployed': 'Station bereitgestellt', 'station.packed': 'Station verpackt', 'station.removed': 'Station entfernt',
  'store.sealed': 'Datenbestand versiegelt', 'store.tampered': 'Änderung am Datenbestand entdeckt', 'validation.run': 'Validierung ausgeführt', 'validation.selftests': 'Selbsttests ausgeführt',
};

/** Worauf sich ein Eintrag bezieht, wo das Werkzeug selbst es benennt. */
export const deSubjects: Readonly<Record<string, string>> = { 'all records': 'alle Datensätze des Bestands', 'no key': 'kein Schlüssel', 'unknown user': 'unbekannter Benutzer', clock: 'Uhr', settings: 'Einstellungen' };
