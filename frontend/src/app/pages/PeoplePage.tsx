export { PeoplePage } from "@/features/people/PeoplePage";
