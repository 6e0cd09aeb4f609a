package io.inmesh.samples.stage;

/** What a scene has found to be so or not. */
public final class Checks {
    private final Screen screen;
    private boolean allHeld = true;

    /** Nothing found yet; the screen gets what does not hold. */
    public Checks(Screen screen) {
        this.screen = screen;
    }

    /** Notes whether something holds, and says so on the screen if it does not. */
    public boolean expect(boolean holds, String what) {
        if (!holds) {
            allHeld = false;
            screen.warn("it does not hold that " + what);
        }
        return holds;
    }

    /** Whether everything held that was expected. */
    public boolean allHeld() {
        return allHeld;
    }
}
