/** One period of a wave as a tone, on a click and never by itself. */

import { fourier } from "./wave.js";

const PITCH = 196;
const LOUD = 0.16;
const FADE = 0.03;
const HARMONICS = 48;

/** @returns {{play: (values: number[]) => void, change: (values: number[]) => void,
 *   stop: () => void, isPlaying: () => boolean}} */
export function tone() {
  let context = null;
  let sounding = null;

  function formed(values) {
    const { cosines, sines } = fourier(values, HARMONICS);
    const [real, imaginary] = [Float32Array.from(cosines), Float32Array.from(sines)];
    real[0] = 0;
    return context.createPeriodicWave(real, imaginary);
  }

  return {
    play(values) {
      context ??= new AudioContext();
      context.resume();
      const oscillator = context.createOscillator();
      const volume = context.createGain();
      oscillator.frequency.value = PITCH;
      oscillator.setPeriodicWave(formed(values));
      volume.gain.setValueAtTime(0, context.currentTime);
      volume.gain.linearRampToValueAtTime(LOUD, context.currentTime + FADE);
      oscillator.connect(volume).connect(context.destination);
      oscillator.start();
      sounding = { oscillator, volume };
    },
    change(values) {
      sounding?.oscillator.setPeriodicWave(formed(values));
    },
    stop() {
      if (!sounding) return;
      const { oscillator, volume } = sounding;
      volume.gain.linearRampToValueAtTime(0, context.currentTime + FADE);
      oscillator.stop(context.currentTime + 2 * FADE);
      sounding = null;
    },
    isPlaying: () => sounding !== null,
  };
}
