/** A small map: the equirectangular projection around some positions, true to scale in their middle. */

/** Metres in a degree of latitude, on a sphere of the earth's mean radius. */
export const DEGREE = 111_195;

/** Return longitudes without the jump at 180°: a track across the date line stays in one piece. */
export function unwrap(longitudes) {
  let turns = 0;
  return longitudes.map((longitude, at) => {
    const step = at === 0 ? 0 : longitude - longitudes[at - 1];
    if (step > 180) turns -= 360;
    if (step < -180) turns += 360;
    return longitude + turns;
  });
}

/**
 * Return a projection that shows all positions as large as a frame allows, at the same scale in both directions.
 *
 * @param {{latitude: number, longitude: number}[]} positions At least one, longitudes without a jump.
 * @param {{width: number, height: number, margin: number, least: number}} frame Pixels; `least` is what the shorter way
 *   across shows in metres, so that a phone that lies still does not seem to run about.
 */
export function fit(positions, { width, height, margin, least }) {
  const latitudes = positions.map((one) => one.latitude);
  const longitudes = positions.map((one) => one.longitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const middle = { latitude: (south + north) / 2, longitude: (west + east) / 2 };
  // At the poles a degree of longitude has no length.
  const squeeze = Math.max(0.01, Math.cos((middle.latitude * Math.PI) / 180));
  const [room, rise] = [width - 2 * margin, height - 2 * margin];
  const metresPerPixel = Math.max(
    ((east - west) * squeeze * DEGREE) / room,
    ((north - south) * DEGREE) / rise,
    least / Math.min(room, rise),
  );
  const perDegree = DEGREE / metresPerPixel;
  const project = ({ latitude, longitude }) => ({
    x: width / 2 + (longitude - middle.longitude) * squeeze * perDegree,
    y: height / 2 - (latitude - middle.latitude) * perDegree,
  });
  const [tall, wide] = [height / perDegree, width / perDegree / squeeze];
  const bounds = {
    south: middle.latitude - tall / 2,
    north: middle.latitude + tall / 2,
    west: middle.longitude - wide / 2,
    east: middle.longitude + wide / 2,
  };
  return { project, metresPerPixel, bounds };
}

/** Return a scale bar of a round length, at most `longest` pixels long. */
export function scaleBar(metresPerPixel, longest) {
  const most = metresPerPixel * longest;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].find((times) => times * power <= most) * power;
  const label = metres >= 1000 ? `${Number((metres / 1000).toPrecision(3))} km` : `${Number(metres.toPrecision(3))} m`;
  return { metres, pixels: metres / metresPerPixel, label };
}
