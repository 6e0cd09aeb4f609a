package io.inmesh.samples.kuma;

/** What a scene has found to be so or not. */
final class Checks {
    private final Screen screen;
    private boolean allHeld = true;

    Checks(Screen screen) {
        this.screen = screen;
    }

    /** Notes whether something holds, and says so on the screen if it does not. */
    boolean expect(boolean holds, String what) {
        if (!holds) {
            allHeld = false;
            screen.warn("it does not hold that " + what);
        }
        return holds;
    }

    boolean allHeld() {
        return allHeld;
    }
}
