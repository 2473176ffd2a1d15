/** One journey on its canvas. */
export default function JourneyPage() {
  return null;
}
