// Only the weights used. Unlisted characters fall back to the system's fonts.
import '@fontsource/ibm-plex-sans-jp/400.css';
import '@fontsource/ibm-plex-sans-jp/600.css';
import '@fontsource/ibm-plex-mono/latin-400.css';
